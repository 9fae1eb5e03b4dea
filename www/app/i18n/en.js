import { codes } from './en/codes.js';
import { credit } from './en/credit.js';
import { findings } from './en/findings.js';
import { page } from './en/page.js';
import { results } from './en/results.js';
import { tables } from './en/tables.js';

/** Every English word of the page. Values in braces are filled in; `one` and `other` follow `n`. */
export const en = { ...page, ...results, ...codes, ...credit, ...findings, ...tables };
