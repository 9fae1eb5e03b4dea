import { html } from 'lit';

/** Words of two halves, as “E-mail”; long ones may break. */
const hyphenated = /([\p{L}\d]{1,12}(?:-[\p{L}\d]{1,12})+)/u;

/**
 * A text whose hyphenated names stay in one line. Needs the class `unbroken` to keep them there.
 * @param {string} text
 */
export function unbroken(text) {
  return text.split(hyphenated).map((part, at) => (at % 2 ? html`<span class="unbroken">${part}</span>` : part));
}
