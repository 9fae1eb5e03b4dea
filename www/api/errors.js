/** The one class of errors that the API rejects with. */
export class ChannelwiseError extends Error {
  /**
   * @param {string} code stable, kebab-case
   * @param {string} message plain words, no user data
   * @param {unknown} [detail] may hold user data: show it, never log it
   */
  constructor(code, message, detail) {
    super(message);
    /** @type {'ChannelwiseError'} */
    this.name = 'ChannelwiseError';
    this.code = code;
    if (detail !== undefined) this.detail = detail;
  }
}

/**
 * @param {import('./protocol').Failure} failure
 * @returns {ChannelwiseError}
 */
export function fromFailure({ code, message, detail }) {
  return new ChannelwiseError(code, message, detail);
}

/** @returns {ChannelwiseError} */
export function aborted() {
  return new ChannelwiseError('aborted', 'The job was cancelled.');
}
