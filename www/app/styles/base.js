import { css } from 'lit';

/** What every component looks like inside its shadow root. */
export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    min-width: 0;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2 {
    font-size: 1.375rem;
    line-height: 2rem;
    font-weight: 650;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  h3 {
    font-size: 1rem;
    line-height: 1.5rem;
    font-weight: 650;
  }
  h4 {
    font-size: 0.9375rem;
    line-height: 1.5rem;
    font-weight: 650;
  }
  h2:focus,
  h3:focus {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--cw-accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  a {
    color: var(--cw-accent);
  }
  code {
    font-family: var(--cw-mono);
    font-size: 0.9em;
    overflow-wrap: anywhere;
  }
  strong {
    font-weight: 650;
  }
  svg.icon {
    width: 1em;
    height: 1em;
    flex: none;
    vertical-align: -0.125em;
  }
  .soft {
    color: var(--cw-soft);
  }
  .small {
    font-size: 0.875rem;
    line-height: 1.25rem;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .stack {
    display: flex;
    flex-direction: column;
    gap: 16px;
    min-width: 0;
  }
  .stack.wide {
    gap: 32px;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    min-width: 0;
  }
  .row.between {
    justify-content: space-between;
  }
  .card {
    background: var(--cw-paper);
    border: 1px solid var(--cw-line);
    border-radius: var(--cw-radius);
    padding: 24px;
    min-width: 0;
  }
  @media (max-width: 600px) {
    .card {
      padding: 16px;
    }
    .stack.wide {
      gap: 24px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** Buttons, menus, inputs. */
export const controls = css`
  button,
  select,
  input {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 0 16px;
    border: 1px solid var(--cw-strong);
    border-radius: var(--cw-radius);
    background: var(--cw-paper);
    color: var(--cw-ink);
    cursor: pointer;
    text-align: center;
    transition: background-color 120ms;
  }
  button:hover:not(:disabled) {
    background: var(--cw-sunk);
  }
  button.primary {
    background: var(--cw-accent);
    border-color: var(--cw-accent);
    color: var(--cw-accent-ink);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: color-mix(in srgb, var(--cw-accent) 86%, var(--cw-ink));
  }
  button.big {
    min-height: 56px;
    padding: 0 32px;
    font-size: 1.125rem;
  }
  button.quiet {
    border-color: transparent;
    background: transparent;
    color: var(--cw-accent);
    padding: 0 8px;
  }
  button.small {
    min-height: 32px;
    padding: 0 12px;
    font-size: 0.875rem;
  }
  button.link {
    display: inline;
    min-height: 0;
    padding: 0;
    border: 0;
    background: none;
    color: var(--cw-accent);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  button:disabled {
    color: var(--cw-faint);
    background: var(--cw-sunk);
    border-color: var(--cw-line);
    cursor: not-allowed;
  }
  select,
  input[type='number'],
  input[type='text'] {
    min-height: 40px;
    max-width: 100%;
    padding: 0 8px;
    border: 1px solid var(--cw-strong);
    border-radius: 6px;
    background: var(--cw-paper);
  }
  select {
    text-overflow: ellipsis;
    font-weight: 400;
  }
  select.small,
  input.small {
    min-height: 32px;
    font-size: 0.875rem;
  }
  input[type='number'] {
    font-variant-numeric: tabular-nums;
    text-align: right;
    width: 8em;
  }
  input::placeholder {
    color: var(--cw-faint);
  }
  input[type='range'],
  input[type='checkbox'],
  input[type='radio'] {
    accent-color: var(--cw-accent);
  }
  label {
    cursor: pointer;
  }
  summary {
    cursor: pointer;
    color: var(--cw-accent);
    padding: 4px 0;
    width: fit-content;
  }
  summary.small + * {
    margin-top: 8px;
  }
  .unbroken {
    white-space: nowrap;
  }
  .formula {
    display: block;
    margin-top: 4px;
    font-size: 0.8125rem;
    color: var(--cw-ink);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  @media (max-width: 600px) {
    label.row.small:has(> select) {
      width: 100%;
      flex-wrap: nowrap;
      justify-content: space-between;
    }
    label.row.small > select {
      min-width: 0;
      flex: 0 1 60%;
    }
  }
`;

/** Tables as tables: right-aligned tabular figures, scrolling inside their own box. */
export const tables = css`
  .scroll {
    /* What is hidden for screen readers stays inside the box. */
    position: relative;
    overflow-x: auto;
    max-width: 100%;
    border: 1px solid var(--cw-line);
    border-radius: var(--cw-radius);
    background: var(--cw-paper);
  }
  .scroll.tall {
    max-height: 360px;
    overflow-y: auto;
  }
  table {
    border-collapse: separate;
    border-spacing: 0;
    width: 100%;
    font-size: 0.875rem;
    line-height: 1.25rem;
    font-variant-numeric: tabular-nums;
  }
  caption {
    text-align: left;
    padding: 0 0 8px;
    font-weight: 650;
  }
  th,
  td {
    padding: 8px 12px;
    text-align: left;
    vertical-align: middle;
    border-bottom: 1px solid var(--cw-line);
    white-space: nowrap;
  }
  tbody tr:last-child > * {
    border-bottom: 0;
  }
  thead th {
    color: var(--cw-soft);
    font-weight: 600;
    background: var(--cw-paper);
    vertical-align: bottom;
  }
  .scroll.tall thead th {
    position: sticky;
    top: 0;
    z-index: 1;
  }
  tbody th {
    position: sticky;
    left: 0;
    z-index: 1;
    font-weight: 500;
    background: var(--cw-paper);
  }
  th.number,
  td.number {
    text-align: right;
  }
  td.soft,
  .interval {
    color: var(--cw-soft);
  }
  thead button.sort {
    min-height: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font-weight: inherit;
    font-size: inherit;
    gap: 4px;
  }
  @media (max-width: 600px) {
    th,
    td {
      padding: 8px;
    }
    /* Two lines of an interval are better than a column out of sight. */
    td .interval,
    td .share {
      white-space: normal;
      min-width: 4.5em;
    }
    thead th {
      white-space: normal;
      /* Chinese heads are not broken into a letter a line. */
      word-break: keep-all;
    }
  }
  tr[aria-selected='true'] > * {
    background: var(--cw-accent-soft);
  }
`;
