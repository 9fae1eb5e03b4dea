import { codes } from './en/codes.js';
import { credit } from './en/credit.js';
import { files } from './en/files.js';
import { findings } from './en/findings.js';
import { journeys } from './en/journeys.js';
import { methods } from './en/methods.js';
import { page } from './en/page.js';
import { parts } from './en/parts.js';
import { preparation } from './en/preparation.js';
import { results } from './en/results.js';
import { tables } from './en/tables.js';
import { terms } from './en/terms.js';

/** Every English word of the page. Values in braces are filled in; `one` and `other` follow `n`. */
export const en = { ...page, ...results, ...methods, ...journeys, ...parts, ...codes, ...credit, ...files, ...findings, ...tables, ...preparation, ...terms };
