import { HaggleError } from '../errors.ts';
import type { ActionSpace, Mask } from '../policy/space.ts';
import type { RandomStream } from '../random.ts';
import type { Actions, DecisionEnv, Turns } from './decision-env.ts';

/**
 * Checks an action as an environment must: it is refused, not bounded, where it lies outside its space, for a learner would
 * otherwise learn from what it never did.
 *
 * @param mask - of choices: which are open; all, if left out
 * @throws HaggleError `bad-action`
 */
export function checkAction(
  space: ActionSpace,
  action: readonly number[],
  of: { readonly agent: string; readonly mask?: Mask | undefined },
): void {
  const fault = actionFault(space, action, of.mask);
  if (fault === null) return;
  throw new HaggleError('bad-action', `the action of ${of.agent} must have ${fault}`, { fields: { agent: of.agent } });
}

/**
 * Checks that there is one action for exactly the agents whose turn it is, and that each is in its space: what
 * {@link DecisionEnv.step} refuses. To be called before anything is changed, so that a refused step can be made good.
 *
 * @param due - what `reset` or `step` returned last
 * @throws HaggleError `bad-action`
 */
export function checkActions(env: Pick<DecisionEnv, 'actionSpace'>, due: Turns, actions: Actions): void {
  let asked = 0;
  for (const [agent, turn] of due) {
    if (turn.terminated || turn.truncated) continue;
    asked++;
    const action = actions.get(agent);
    if (action === undefined) throw badActor(agent, 'must decide, and has no action');
    checkAction(env.actionSpace(agent), action, { agent, mask: turn.mask });
  }
  if (asked === actions.size) return;
  for (const agent of actions.keys()) {
    const turn = due.get(agent);
    if (turn === undefined) throw badActor(agent, 'has an action, and it is not its turn');
    if (turn.terminated || turn.truncated) throw badActor(agent, 'has an action, and it has ended');
  }
}

/** An action at random: each number uniform within its bounds, each open choice as likely as another. */
export function sampleAction(space: ActionSpace, random: RandomStream, mask?: Mask): readonly number[] {
  if (space.kind === 'box') return space.features.map(({ min, max }) => Math.min(max, random.between(min, max)));
  const choices = space.choices.map((_, choice) => choice);
  return [random.pick(mask === undefined ? choices : choices.filter((choice) => mask[choice] === true))];
}

/** Why an action is not in a space; null where it is. */
function actionFault(space: ActionSpace, action: readonly number[], mask: Mask | undefined): string | null {
  if (space.kind === 'discrete') {
    const { length } = space.choices;
    const [choice = Number.NaN] = action;
    if (action.length !== 1 || !Number.isInteger(choice) || choice < 0 || choice >= length) {
      return `one whole number from 0 to ${length - 1}, got ${action.join(', ') || 'none'}`;
    }
    return mask?.[choice] === false ? `a choice that is open, got ${choice} (${space.choices[choice] ?? ''})` : null;
  }
  if (action.length !== space.features.length) return `${space.features.length} numbers, got ${action.length}`;
  for (const [k, { name, min, max }] of space.features.entries()) {
    const value = action[k] ?? Number.NaN;
    if (!(value >= min && value <= max)) return `${name} from ${min} to ${max}, got ${value}`;
  }
  return null;
}

function badActor(agent: string, problem: string): HaggleError {
  return new HaggleError('bad-action', `${agent} ${problem}`, { fields: { agent } });
}
