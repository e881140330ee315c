import type { DecisionEnv, Turn } from '../../learning/decision-env.ts';
import { box, discrete } from '../../policy/space.ts';
import { soloEnv } from './solo-task.ts';

const GRAVITY = 9.8;
const CART_KG = 1;
const POLE_KG = 0.1;
/** Half of the pole's length. */
const POLE_METRES = 0.5;
const FORCE_NEWTONS = 10;
const STEP_SECONDS = 0.02;
const TRACK_METRES = 2.4;
const TILT_RADIANS = (12 * Math.PI) / 180;
const START = 0.05;

/** Steps after which an episode of {@link cartPole} is cut off, and its greatest reward. */
export const CART_POLE_STEPS = 500;

/**
 * A pole on a cart that is pushed left or right, 50 times a second; 1 for each step that it stands, up to 500. It has fallen past 12
 * degrees, or 2.4 m from the middle.
 *
 * Equations and constants: Barto, Sutton and Anderson (1983), without friction, integrated by Euler's method.
 */
export function cartPole(): DecisionEnv {
  let state: readonly [place: number, speed: number, tilt: number, turning: number] = [0, 0, 0, 0];
  let steps = 0;
  return soloEnv({
    name: 'cart-pole',
    agent: 'cart',
    observes: box([
      { name: 'place (m)', min: -3, max: 3 },
      { name: 'speed (m/s)', min: -10, max: 10 },
      { name: 'tilt (rad)', min: -0.5, max: 0.5 },
      { name: 'turning (rad/s)', min: -10, max: 10 },
    ]),
    acts: discrete(['left', 'right']),
    begin: (random) => {
      const near = (): number => random.between(-START, START);
      state = [near(), near(), near(), near()];
      steps = 0;
      return turnAt(state, { reward: 0, elapsed: 0, fallen: false, over: false });
    },
    act: ([push = 0]) => {
      state = pushed(state, push === 1 ? FORCE_NEWTONS : -FORCE_NEWTONS);
      steps++;
      const fallen = Math.abs(state[0]) > TRACK_METRES || Math.abs(state[2]) > TILT_RADIANS;
      return turnAt(state, { reward: 1, elapsed: 1, fallen, over: steps >= CART_POLE_STEPS });
    },
  });
}

/** {@link cartPole} under the name by which training asks a module for its environment. */
export const createEnv = cartPole;

type State = readonly [place: number, speed: number, tilt: number, turning: number];

function pushed([place, speed, tilt, turning]: State, force: number): State {
  const mass = CART_KG + POLE_KG;
  const [sine, cosine] = [sin(tilt), cos(tilt)];
  const pull = (force + POLE_KG * POLE_METRES * turning * turning * sine) / mass;
  const lever = POLE_METRES * (4 / 3 - (POLE_KG * cosine * cosine) / mass);
  const angular = (GRAVITY * sine - cosine * pull) / lever;
  const linear = pull - (POLE_KG * POLE_METRES * angular * cosine) / mass;
  return [
    place + STEP_SECONDS * speed,
    speed + STEP_SECONDS * linear,
    tilt + STEP_SECONDS * turning,
    turning + STEP_SECONDS * angular,
  ];
}

/** Taylor series, exact to 1e-13 up to half a radian: the engine's own has bits that no standard fixes. */
function sin(x: number): number {
  const square = x * x;
  return x * (1 - (square / 6) * (1 - (square / 20) * (1 - (square / 42) * (1 - square / 72))));
}

function cos(x: number): number {
  const square = x * x;
  return 1 - (square / 2) * (1 - (square / 12) * (1 - (square / 30) * (1 - (square / 56) * (1 - square / 90))));
}

function turnAt(
  state: State,
  came: { readonly reward: number; readonly elapsed: number; readonly fallen: boolean; readonly over: boolean },
): Turn {
  const { reward, elapsed, fallen, over } = came;
  return { observation: state, reward, elapsed, terminated: fallen, truncated: !fallen && over, info: {} };
}
