/**
 * `npm test`: installs what is missing, checks and tests everything, and ends with one line of counts.
 *
 *   npm test -- --only types,e2e   some stages
 *   npm test -- --skip gpu,e2e-gpu  all but some
 */
import { parseArgs } from 'node:util';
import { add, none, summary } from './counts.mjs';
import { checkNode, ensureNodeModules } from './packages.mjs';
import { Told, command, complain, say, task } from './say.mjs';
import { STAGES } from './stages.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */

/**
 * Runs stages one after another, the later ones too when an earlier one fails.
 * @param {import('./stages.mjs').Stage[]} stages
 */
export async function runStages(stages) {
  let total = none();
  for (const stage of stages) {
    /** @type {Counts} */
    let counts;
    try {
      counts = await task(`${stage.title} [${stage.name}]`, async (note) => {
        const result = await stage.work(note);
        if (result.failed > 0) throw Object.assign(new Told(`${stage.title}: ${summary(result)}.`), { counts: result });
        return result;
      });
    } catch (error) {
      complain(error);
      counts = /** @type {{ counts?: Counts }} */ (error).counts ?? { ...none(), failed: 1 };
    }
    say(`  ${summary(counts)}`);
    total = add(total, counts);
  }
  return total;
}

/** @param {string | undefined} list */
function chosen(list) {
  const names = (list ?? '').split(',').filter(Boolean);
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    throw new Told(`No stage is called ${unknown.join(', ')}; there are ${STAGES.map((stage) => stage.name).join(', ')}.`);
  }
  return new Set(names);
}

command(async () => {
  checkNode();
  const { values } = parseArgs({ options: { only: { type: 'string' }, skip: { type: 'string' } } });
  const only = chosen(values.only);
  const skip = chosen(values.skip);
  await ensureNodeModules();
  const counts = await runStages(STAGES.filter(({ name }) => (only.size === 0 || only.has(name)) && !skip.has(name)));
  say(summary(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
});
