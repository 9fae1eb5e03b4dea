/** The one class of errors that the API rejects with. */
export class ChannelwiseError extends Error {
  /**
   * @param {string} code stable, kebab-case
   * @param {string} message plain words, no user data
   * @param {unknown} [detail] may hold user data: show it, never log it
   * @param {{ figures?: { [name: string]: number }, columns?: string[] }} [about] the figures of the message, and the columns it is about
   */
  constructor(code, message, detail, { figures, columns } = {}) {
    super(message);
    /** @type {'ChannelwiseError'} */
    this.name = 'ChannelwiseError';
    this.code = code;
    if (figures) this.figures = figures;
    if (columns) this.columns = columns;
    if (detail !== undefined) this.detail = detail;
  }
}

/**
 * @param {import('./protocol').Failure} failure
 * @returns {ChannelwiseError}
 */
export function fromFailure({ code, message, detail, figures, columns }) {
  return new ChannelwiseError(code, message, detail, { figures, columns });
}

/** @returns {ChannelwiseError} */
export function aborted() {
  return new ChannelwiseError('aborted', 'The job was cancelled.');
}
