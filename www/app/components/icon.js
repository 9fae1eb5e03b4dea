import { svg, html } from 'lit';

const paths = {
  lock: svg`<rect x="3.5" y="7" width="9" height="6.5" rx="1.5"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>`,
  chip: svg`<rect x="4.5" y="4.5" width="7" height="7" rx="1"/><path d="M6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14"/>`,
  check: svg`<path d="m3.5 8.5 3 3 6-7"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  open: svg`<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>`,
  cross: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  info: svg`<circle cx="8" cy="8" r="6"/><path d="M8 7.25V11M8 5v.25"/>`,
  warn: svg`<path d="M8 2.5 14.25 13.5H1.75Z"/><path d="M8 6.5v3.25M8 11.5v.25"/>`,
  auto: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11Z" fill="currentColor"/>`,
  sun: svg`<circle cx="8" cy="8" r="2.75"/><path d="M8 1.5v1.75M8 12.75v1.75M1.5 8h1.75M12.75 8h1.75M3.4 3.4l1.25 1.25M11.35 11.35l1.25 1.25M3.4 12.6l1.25-1.25M11.35 4.65l1.25-1.25"/>`,
  moon: svg`<path d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z"/>`,
  down: svg`<path d="M8 2.5v7.5m-3-3 3 3 3-3M3 13.5h10"/>`,
  up: svg`<path d="M8 10.5V3m-3 3 3-3 3 3M3 13.5h10"/>`,
  pause: svg`<path d="M6 3.5v9M10 3.5v9"/>`,
  play: svg`<path d="M5 3.5v9l7.5-4.5Z"/>`,
  stop: svg`<rect x="4" y="4" width="8" height="8" rx="1"/>`,
  ascending: svg`<path d="m4.5 9.5 3.5-4 3.5 4"/>`,
  descending: svg`<path d="m4.5 6.5 3.5 4 3.5-4"/>`,
};

/**
 * A line icon that takes the colour and size of the text around it; silent to screen readers.
 * @param {keyof typeof paths} name
 */
export function icon(name) {
  return html`<svg
    class="icon"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths[name]}
  </svg>`;
}
