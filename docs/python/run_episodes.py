"""Plays random episodes of a served environment: python3 run_episodes.py [--episodes N] COMMAND [ARGUMENT ...]"""

import argparse
import random

from haggle_env import BridgeError, HaggleParallelEnv


def choose(random_numbers, space, mask):
    """An action at random, the same on every machine for the same seed."""
    if hasattr(space, "n"):
        return random_numbers.choice([choice for choice in range(space.n) if mask is None or mask[choice]])
    return [random_numbers.uniform(low, high) for low, high in zip(space.low, space.high)]


def play(env, seed):
    """One episode: steps, decisions, and the sum of all rewards."""
    random_numbers = random.Random(seed)
    _, infos = env.reset(seed=seed)
    steps, decisions, total = 0, 0, 0.0
    while env.agents:
        actions = {
            agent: choose(random_numbers, env.action_space(agent), infos[agent].get("action_mask")) for agent in env.agents
        }
        _, rewards, _, _, infos = env.step(actions)
        steps, decisions, total = steps + 1, decisions + len(actions), total + sum(rewards.values())
    return steps, decisions, total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=3)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    with HaggleParallelEnv(arguments.command) as env:
        print(f"{env.metadata['name']}: {env.max_num_agents} agents")
        for seed in range(1, arguments.episodes + 1):
            steps, decisions, total = play(env, seed)
            print(f"episode {seed}: {steps} steps, {decisions} decisions, reward {total:.6f}")
        try:
            env.reset(seed=1)
            env.step({})
        except BridgeError as error:
            print(f"refused: {error.code}")


if __name__ == "__main__":
    main()
