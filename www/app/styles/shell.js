import { css } from 'lit';

/** The frame: top bar, stepper, and the room for the step. */
export const shell = css`
  :host {
    display: block;
    position: relative;
    font: 16px/1.5 var(--cw-font);
    color: var(--cw-ink);
    background: var(--cw-ground);
    text-align: left;
    -webkit-text-size-adjust: 100%;
  }
  .page {
    max-width: 1168px;
    margin: 0 auto;
    padding: 0 24px 64px;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    flex-wrap: wrap;
    gap: 8px 16px;
    padding: 16px 0;
  }
  h1 {
    font-size: 1.125rem;
    line-height: 2rem;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  .tools {
    gap: 8px;
  }
  nav {
    position: sticky;
    top: 0;
    z-index: 10;
    margin: 0 -24px;
    padding: 0 24px;
    background: var(--cw-ground);
    border-bottom: 1px solid var(--cw-line);
  }
  nav ol {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 8px;
  }
  nav button {
    display: flex;
    justify-content: flex-start;
    width: 100%;
    min-height: 56px;
    padding: 8px 0;
    border: 0;
    border-radius: 0;
    border-bottom: 3px solid transparent;
    background: none;
    text-align: left;
    gap: 12px;
  }
  nav button:hover:not(:disabled) {
    background: none;
    border-bottom-color: var(--cw-line);
  }
  nav button.current,
  nav button.current:hover:not(:disabled) {
    border-bottom-color: var(--cw-accent);
  }
  nav .number {
    display: grid;
    place-items: center;
    flex: none;
    width: 28px;
    height: 28px;
    border: 1px solid var(--cw-strong);
    border-radius: 50%;
    font-size: 0.875rem;
    font-weight: 600;
    color: var(--cw-soft);
  }
  nav .current .number {
    border-color: var(--cw-accent);
    background: var(--cw-accent);
    color: var(--cw-accent-ink);
  }
  nav [data-state='done']:not(.current) .number {
    border-color: var(--cw-accent);
    color: var(--cw-accent);
  }
  nav .text {
    display: flex;
    flex-direction: column;
    min-width: 0;
    line-height: 1.25rem;
  }
  nav .title {
    font-weight: 600;
  }
  nav .words {
    font-size: 0.875rem;
    color: var(--cw-soft);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    font-variant-numeric: tabular-nums;
  }
  nav .words.stale {
    color: var(--cw-warn);
  }
  main {
    padding-top: 32px;
  }
  .drop {
    position: fixed;
    inset: 0;
    z-index: 20;
    display: grid;
    place-items: center;
    background: color-mix(in srgb, var(--cw-paper) 88%, transparent);
    border: 4px solid var(--cw-accent);
    pointer-events: none;
  }
  .drop p {
    font-size: 1.5rem;
    line-height: 2rem;
    font-weight: 650;
    color: var(--cw-accent);
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .drop.two {
    grid-template-columns: 1fr 1fr;
    place-items: stretch;
    border: 0;
  }
  .drop.two p {
    display: grid;
    place-items: center;
    padding: 24px;
    border: 4px solid var(--cw-line);
    background: color-mix(in srgb, var(--cw-paper) 70%, transparent);
    color: var(--cw-soft);
  }
  .drop.two p.on {
    border-color: var(--cw-accent);
    background: var(--cw-accent-soft);
    color: var(--cw-accent);
  }
  @media (max-width: 600px) {
    .page {
      padding: 0 16px 48px;
    }
    header {
      padding: 8px 0;
    }
    .tools {
      gap: 4px;
    }
    nav {
      margin: 0 -16px;
      padding: 0 16px;
    }
    nav button {
      gap: 6px;
    }
    nav .number {
      width: 20px;
      height: 20px;
      font-size: 0.75rem;
    }
    nav .title {
      font-size: 0.9375rem;
    }
    nav .words {
      font-size: 0.75rem;
    }
    nav .words .long {
      display: none;
    }
    main {
      padding-top: 16px;
    }
  }
`;
