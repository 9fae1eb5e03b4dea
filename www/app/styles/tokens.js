import { css, unsafeCSS } from 'lit';
import { dark, light } from './palette.js';

const names = /** @type {const} */ ([
  'paper', 'ground', 'sunk', 'ink', 'soft', 'faint', 'line', 'strong', 'accent', 'accentInk', 'accentSoft',
  'warn', 'warnSoft', 'bad', 'badSoft', 'good', 'train', 'validation', 'test', 'more', 'less',
]);

/** `--cw-accent-soft: var(--channelwise-accent-soft, light-dark(…))`: portals override the first name. */
const colours = names
  .map((name) => {
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `--cw-${kebab}: var(--channelwise-${kebab}, light-dark(${light[name]}, ${dark[name]}));`;
  })
  .join('\n');

/** Custom properties of the whole element; they reach every component through inheritance. */
export const tokens = css`
  :host {
    ${unsafeCSS(colours)}
    --cw-font: var(
      --channelwise-font,
      system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Hiragino Sans GB',
      'Microsoft YaHei', 'Noto Sans CJK SC', 'Liberation Sans', sans-serif
    );
    --cw-mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono', 'Liberation Mono', monospace;
    --cw-radius: 8px;
    color-scheme: light dark;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`;
