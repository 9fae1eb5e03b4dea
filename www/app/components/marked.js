import { html } from 'lit';

/**
 * A text whose `names` in backticks are shown as code.
 * @param {string} text
 */
export function marked(text) {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));
}
