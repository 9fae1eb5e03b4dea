/** Reading how many tests passed from what the test programs print. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @returns {Counts} */
export const none = () => ({ passed: 0, failed: 0, skipped: 0 });

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * Sums what `cargo test` says of each test program. A program that failed without saying so (it did not
 * compile, it crashed) counts as one failure.
 * @param {string} output
 * @param {number} code the exit status
 */
export function cargoCounts(output, code) {
  let counts = none();
  for (const [, passed, failed, ignored] of output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts = add(counts, { passed: Number(passed), failed: Number(failed), skipped: Number(ignored) });
  }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Reads the summary of `node --test`, in either of its forms.
 * @param {string} output
 * @param {number} code the exit status
 */
export function nodeCounts(output, code) {
  const figure = (/** @type {string} */ name) => Number(new RegExp(`^[#ℹ] ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  const counts = {
    passed: figure('pass'),
    failed: figure('fail') + figure('cancelled'),
    skipped: figure('skipped') + figure('todo'),
  };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** The last line of a test run. @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
