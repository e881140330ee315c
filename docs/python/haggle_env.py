"""Haggle environments for Python learners.

A client of the protocol in docs/gym-bridge.md: it starts a program that serves an environment on its standard input and output, and
offers it under the names of PettingZoo's Parallel API (HaggleParallelEnv) and of Gymnasium (HaggleEnv).

One file, nothing but the standard library. Where gymnasium (with numpy) is installed, spaces are gymnasium's and observations are
numpy arrays; where pettingzoo is, HaggleParallelEnv is one of its ParallelEnvs. Where they are not, spaces are the two small
classes below and observations are lists.
"""

import json
import math
import random
import struct
import subprocess

try:
    import gymnasium
    import numpy
except ImportError:
    gymnasium = None
    numpy = None
try:
    import pettingzoo
except ImportError:
    pettingzoo = None

PROTOCOL = "haggle-env"
VERSION = 1


class BridgeError(Exception):
    """What the environment refused, or how it ended. `code` says which."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


def _member(told, name, kind):
    """What an answer must hold under that name. Raises BridgeError where it does not."""
    value = told.get(name)
    # A truth value is a number to Python, and none here.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BridgeError("bad-answer", f"{name} is missing or of another kind: {str(told)[:80]}")
    return value


def _numbers(told, name, count=None):
    """A list of numbers that an answer must hold under that name, so many where a count is given."""
    values = _member(told, name, list)
    if not all(_is_number(value) for value in values) or count not in (None, len(values)):
        raise BridgeError("bad-answer", f"{name} must be {'some' if count is None else count} numbers, got {str(values)[:80]}")
    return values


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


class Bridge:
    """One environment in one process. `command` is a list of arguments; its standard error is ours."""

    def __init__(self, command):
        self._last_id = 0
        self._process = None
        if not command:
            raise BridgeError("no-env", "name the command that serves an environment")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        except OSError as error:
            raise BridgeError("no-env", f"the environment cannot be started: {error}") from error
        try:
            hello = self.request("hello", version=VERSION)
            if hello.get("protocol") != PROTOCOL:
                raise BridgeError("bad-protocol", f"expected {PROTOCOL}, got {hello.get('protocol')}")
            self.name = _member(hello, "env", str)
            self.agents = _member(hello, "agents", list)
        except BaseException:
            self.close()
            raise

    def request(self, op, **fields):
        """The answer to one request. Raises BridgeError where there is none or it is a refusal."""
        if self._process is None:
            raise BridgeError("closed", "the environment is closed")
        self._last_id += 1
        try:
            line = json.dumps({"id": self._last_id, "op": op, **fields}, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise BridgeError("bad-request", f"a request holds what JSON cannot say: {error}") from error
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError as error:
            raise BridgeError("env-gone", f"the environment's process is gone: {error}") from error
        except ValueError as error:
            raise BridgeError("bad-answer", f"not UTF-8: {error}") from error
        if answer == "":
            raise BridgeError("env-gone", f"the environment's process ended with {self._ended()}")
        try:
            told = json.loads(answer)
        except ValueError as error:
            raise BridgeError("bad-answer", f"not JSON: {answer[:80]!r}") from error
        if not isinstance(told, dict):
            raise BridgeError("bad-answer", f"expected an object, got {answer[:80]!r}")
        if told.get("id") not in (self._last_id, None):
            raise BridgeError("bad-answer", f"request {self._last_id} was answered as {told.get('id')}")
        if "error" in told:
            refused = _member(told, "error", dict)
            raise BridgeError(_member(refused, "code", str), _member(refused, "message", str))
        return _member(told, "ok", dict)

    def _ended(self):
        """What a process that says nothing more ended with; one that goes on all the same is ended."""
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def close(self):
        """Ends the process; more than once is fine."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            process.stdin.write(json.dumps({"id": 0, "op": "close"}) + "\n")
            process.stdin.close()
        except OSError:
            pass
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class Box:
    """Stands in for gymnasium.spaces.Box where gymnasium is not installed."""

    def __init__(self, low, high):
        self.low, self.high, self.shape = low, high, (len(low),)
        self._random = random.Random()

    def seed(self, seed=None):
        self._random.seed(seed)

    def sample(self, mask=None):
        return [self._random.uniform(low, high) for low, high in zip(self.low, self.high)]

    def contains(self, x):
        return (
            isinstance(x, (list, tuple))
            and len(x) == len(self.low)
            and all(_is_number(value) and low <= value <= high for low, value, high in zip(self.low, x, self.high))
        )

    __contains__ = contains


class Discrete:
    """Stands in for gymnasium.spaces.Discrete where gymnasium is not installed."""

    def __init__(self, n):
        self.n, self.start, self.shape = n, 0, ()
        self._random = random.Random()

    def seed(self, seed=None):
        self._random.seed(seed)

    def sample(self, mask=None):
        choices = [choice for choice in range(self.n) if mask is None or mask[choice]]
        if not choices:
            raise BridgeError("bad-mask", "a mask must leave one choice open, and closes all")
        return self._random.choice(choices)

    def contains(self, x):
        return _is_number(x) and int(x) == x and 0 <= x < self.n

    __contains__ = contains


def _space(told):
    if _member(told, "kind", str) == "discrete":
        n = len(_member(told, "choices", list))
        return gymnasium.spaces.Discrete(n) if gymnasium else Discrete(n)
    bounds = _bounds(told)
    low, high = [low for low, _ in bounds], [high for _, high in bounds]
    if gymnasium is None:
        return Box(low, high)
    # 64 bits: what is told is what the environment holds. Cast where a learner wants 32.
    return gymnasium.spaces.Box(numpy.array(low, numpy.float64), numpy.array(high, numpy.float64), dtype=numpy.float64)


def _bounds(told):
    """Lower and upper bound of each feature of a box."""
    features = [_object(feature) for feature in _member(told, "features", list)]
    return [(_member(feature, "min", (int, float)), _member(feature, "max", (int, float))) for feature in features]


def _object(told):
    if not isinstance(told, dict):
        raise BridgeError("bad-answer", f"expected an object, got {str(told)[:80]}")
    return told


def _rounded(value):
    """A number as 32 bits hold it; as it is where it is beyond them."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return value


def _held(value, low, high):
    """An action that is out of bounds only because a learner rounded the bound to 32 bits counts as the bound."""
    value = float(value)
    if value > high and value <= _rounded(high):
        return high
    if value < low and value >= _rounded(low):
        return low
    return value


class _Agent:
    """What is fixed about one agent: its spaces, and how its values cross the bridge."""

    def __init__(self, name, told):
        self.name = name
        observes, acts = _member(told, "observation", dict), _member(told, "action", dict)
        self.observes, self.acts = _space(observes), _space(acts)
        bounds = _bounds(observes)
        self.names = [_member(feature, "name", str) for feature in observes["features"]]
        self.lowest = self.observation([low for low, _ in bounds])
        self._width = len(bounds)
        self._choices = len(acts["choices"]) if acts["kind"] == "discrete" else None
        self._bounds = None if acts["kind"] == "discrete" else _bounds(acts)

    def observation(self, values):
        return values if numpy is None else numpy.array(values, numpy.float64)

    def action(self, value):
        try:
            told = self._action(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise BridgeError("bad-action", f"the action of {self.name} is {value!r}: {error}") from error
        if not all(math.isfinite(number) for number in told):
            raise BridgeError("bad-action", f"the action of {self.name} must be finite, got {value!r}")
        return told

    def turn(self, told):
        """A turn that was told, once it is known to be whole."""
        _numbers(_object(told), "observation", self._width)
        if "mask" in told:
            _numbers(told, "mask", self._choices)
        for name, kind in (("reward", (int, float)), ("elapsed", (int, float)), ("terminated", bool), ("truncated", bool)):
            _member(told, name, kind)
        _member(told, "info", dict)
        return told

    def _action(self, value):
        if self._bounds is None:
            return [int(value)]
        values = list(value)
        if len(values) != len(self._bounds):
            return [float(number) for number in values]  # the environment says what is wrong
        return [_held(number, low, high) for number, (low, high) in zip(values, self._bounds)]

    @staticmethod
    def info(turn):
        info = {**turn["info"], "elapsed": turn["elapsed"]}
        mask = turn.get("mask")
        if mask is not None:
            info["action_mask"] = mask if numpy is None else numpy.array(mask, numpy.int8)
        return info


class _Served:
    """An environment behind a bridge, its spaces, and the next seed."""

    def __init__(self, command):
        self.bridge = Bridge(command)
        self.name = self.bridge.name
        try:
            told = _member(self.bridge.request("spaces"), "spaces", dict)
            self.agents = {agent: _Agent(agent, _member(told, agent, dict)) for agent in self.bridge.agents}
        except BaseException:
            self.bridge.close()
            raise
        self._next_seed = random.SystemRandom().getrandbits(31)

    def reset(self, seed):
        try:
            seed = self._next_seed if seed is None else int(seed)
        except (TypeError, ValueError, OverflowError) as error:
            raise BridgeError("bad-request", f"a seed must be a whole number, got {seed!r}") from error
        self._next_seed = seed + 1
        return self._turns(self.bridge.request("reset", seed=seed))

    def step(self, actions):
        told = {self._known(agent, "bad-action").name: self.agents[agent].action(action) for agent, action in actions.items()}
        return self._turns(self.bridge.request("step", actions=told))

    def _turns(self, told):
        turns = _member(told, "turns", dict)
        return {agent: self._known(agent, "bad-answer").turn(turn) for agent, turn in turns.items()}

    def _known(self, agent, code):
        if agent not in self.agents:
            raise BridgeError(code, f"there is no agent {agent!r}")
        return self.agents[agent]


def _over(turn):
    return turn["terminated"] or turn["truncated"]


class HaggleParallelEnv(pettingzoo.ParallelEnv if pettingzoo else object):
    """An environment under the names of PettingZoo's Parallel API.

    `agents` are those that must act now, and the five dictionaries hold these and the ones that just ended; an agent that is not
    asked for some steps comes back with all the reward and time (`infos[agent]["elapsed"]`) since its last turn. Where every agent
    acts in every step this is PettingZoo's API. A learner that insists on every living agent gets them with everyone=True: those
    that need not act see what they saw last, have reward 0 and `infos[agent]["due"]` False, and what they do is ignored.

    Without a seed, reset takes a random one at first and then the number after the last. Options are ignored.
    """

    def __init__(self, command, everyone=False):
        self._served = _Served(command)
        self._everyone = everyone
        self._last = {}
        self._due = []
        self.metadata = {"name": self._served.name, "render_modes": [], "is_parallelizable": True}
        self.render_mode = None
        self.possible_agents = list(self._served.agents)
        self.agents = []

    @property
    def num_agents(self):
        return len(self.agents)

    @property
    def max_num_agents(self):
        return len(self.possible_agents)

    @property
    def unwrapped(self):
        return self

    def observation_space(self, agent):
        return self._served.agents[agent].observes

    def action_space(self, agent):
        return self._served.agents[agent].acts

    def state(self):
        """The last observations of all possible agents, one after the other."""
        seen = [self._seen(agent) for agent in self.possible_agents]
        return [value for values in seen for value in values] if numpy is None else numpy.concatenate(seen)

    def reset(self, seed=None, options=None):
        turns = self._served.reset(seed)
        self._last, self.agents = {}, []
        observations, _, _, _, infos = self._take(turns)
        return observations, infos

    def step(self, actions):
        if self._everyone:
            actions = {agent: action for agent, action in actions.items() if agent in self._due or agent not in self.agents}
        return self._take(self._served.step(actions))

    def render(self):
        return None

    def close(self):
        self._served.bridge.close()

    def _seen(self, agent):
        own = self._served.agents[agent]
        return own.observation(self._last[agent]["observation"]) if agent in self._last else own.lowest

    def _take(self, turns):
        self._last.update(turns)
        self._due = [agent for agent, turn in turns.items() if not _over(turn)]
        told = dict(turns)
        if self._everyone:
            for agent in self.agents:
                if agent not in told:
                    told[agent] = {**self._last[agent], "reward": 0.0, "elapsed": 0.0}
        infos = {agent: _Agent.info(turn) for agent, turn in told.items()}
        if self._everyone:
            for agent in infos:
                infos[agent]["due"] = agent in self._due
        self.agents = [agent for agent, turn in told.items() if not _over(turn)]
        return (
            {agent: self._seen(agent) for agent in told},
            {agent: turn["reward"] for agent, turn in told.items()},
            {agent: turn["terminated"] for agent, turn in told.items()},
            {agent: turn["truncated"] for agent, turn in told.items()},
            infos,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class HaggleEnv(gymnasium.Env if gymnasium else object):
    """One agent of an environment under the names of Gymnasium.

    Where there are other agents, `others(agent, observation, info)` says what they do. `info["elapsed"]` is the time since the
    agent's last turn, which may differ from step to step. Seeds and options are as in HaggleParallelEnv.
    """

    metadata = {"render_modes": []}
    render_mode = None
    spec = None

    def __init__(self, command, agent=None, others=None):
        self._served = _Served(command)
        names = list(self._served.agents)
        if agent is None and len(names) != 1:
            self.close()
            raise BridgeError("which-agent", f"name one of the {len(names)} agents")
        self.agent = names[0] if agent is None else agent
        if self.agent not in names or (others is None and len(names) > 1):
            self.close()
            raise BridgeError("which-agent", f"{self.agent} is none of the agents, or nobody says what the others do")
        self._others = others
        self._turns = {}
        own = self._served.agents[self.agent]
        self.observation_space, self.action_space = own.observes, own.acts

    def reset(self, *, seed=None, options=None):
        if gymnasium is not None:
            super().reset(seed=seed)
        turn = self._until_mine(self._served.reset(seed))
        return self._seen(turn), _Agent.info(turn)

    def step(self, action):
        actions = self._answers()
        actions[self.agent] = action
        turn = self._until_mine(self._served.step(actions))
        return self._seen(turn), turn["reward"], turn["terminated"], turn["truncated"], _Agent.info(turn)

    def action_masks(self):
        """Which choices are open, one entry a choice: the name by which learners with masks ask."""
        mask = self._turns.get(self.agent, {}).get("mask")
        open_choices = [True] * self.action_space.n if mask is None else [bool(choice) for choice in mask]
        return open_choices if numpy is None else numpy.array(open_choices)

    def render(self):
        return None

    def close(self):
        self._served.bridge.close()

    def _seen(self, turn):
        return self._served.agents[self.agent].observation(turn["observation"])

    def _answers(self):
        """What the others do whose turn it is."""
        return {
            agent: self._others(agent, self._served.agents[agent].observation(turn["observation"]), _Agent.info(turn))
            for agent, turn in self._turns.items()
            if agent != self.agent and not _over(turn)
        }

    def _until_mine(self, turns):
        self._turns = turns
        while self.agent not in turns:
            if all(_over(turn) for turn in turns.values()):
                raise BridgeError("no-turn", f"the episode ended before {self.agent} had a turn")
            self._turns = turns = self._served.step(self._answers())
        return turns[self.agent]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
