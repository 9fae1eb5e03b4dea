import { codes } from './zh/codes.js';
import { credit } from './zh/credit.js';
import { files } from './zh/files.js';
import { findings } from './zh/findings.js';
import { journeys } from './zh/journeys.js';
import { methods } from './zh/methods.js';
import { page } from './zh/page.js';
import { parts } from './zh/parts.js';
import { preparation } from './zh/preparation.js';
import { results } from './zh/results.js';
import { tables } from './zh/tables.js';
import { terms } from './zh/terms.js';

/** 页面上的全部中文文字。花括号里的内容会被替换；中文没有单复数之分。 */
export const zh = { ...page, ...results, ...methods, ...journeys, ...parts, ...codes, ...credit, ...files, ...findings, ...tables, ...preparation, ...terms };
