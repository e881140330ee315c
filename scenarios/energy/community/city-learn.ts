import { z } from 'zod';
import { HaggleError } from '../../../agent-core/errors.ts';
import { COMMUNITY_LIMITS, type CommunityCalendar, type CommunityHome, type CommunityInstance } from './community.ts';
import { badCommunity, numberTable, shown, type NumberTable } from './csv.ts';

const amount = (max: number) => z.number().nonnegative().max(max);

const building = z.object({
  include: z.boolean().default(true),
  energy_simulation: z.string(),
  pricing: z.string(),
  carbon_intensity: z.string().nullish(),
  electrical_storage: z
    .object({
      attributes: z.object({
        capacity: amount(COMMUNITY_LIMITS.batteryKwh),
        nominal_power: amount(COMMUNITY_LIMITS.batteryKw),
        /** Of the round trip. */
        efficiency: z.number().positive().max(1).default(1),
      }),
    })
    .nullish(),
  pv: z.object({ attributes: z.object({ nominal_power: amount(COMMUNITY_LIMITS.batteryKw) }) }).nullish(),
});

type Building = z.output<typeof building>;

const schema = z.object({ buildings: z.record(z.string().regex(/^[A-Za-z0-9][\w .-]{0,63}$/), building) });

const SCHEMA_FILE = 'schema.json';
/** Highest tariff that is read, $ a kWh. */
const TARIFF_MAX = 1_000;
/** Demands that the model has no tanks and heat pumps for. */
const THERMAL = ['dhw_demand', 'cooling_demand', 'heating_demand'];

/**
 * Reads a folder of the CityLearn Challenge 2022: `schema.json`, and the tables that it names. Buildings that are not included, or whose
 * table is not there, are left out. A battery's efficiency is that of the round trip; half of the loss is in each way. Its fade and its
 * curves of power and efficiency are left out, as the reference lines have it.
 *
 * @throws HaggleError `bad-community` naming file, line and column
 */
export function parseCityLearn(files: ReadonlyMap<string, string>, folder: string): CommunityInstance {
  const text = files.get(SCHEMA_FILE);
  if (text === undefined) {
    throw new HaggleError('bad-community', `${folder} holds no ${SCHEMA_FILE}`, { fields: { folder } });
  }
  const present = Object.entries(schemaOf(text).buildings).filter(
    ([, { include, energy_simulation: table }]) => include && files.has(table),
  );
  const [first] = present;
  if (first === undefined) throw badCommunity({ file: SCHEMA_FILE, line: 1 }, 'no building has a table in the folder');
  if (present.length > COMMUNITY_LIMITS.homes) {
    throw badCommunity({ file: SCHEMA_FILE, line: 1 }, `more than ${COMMUNITY_LIMITS.homes} buildings`);
  }
  const tariff = tariffOf(files, present);
  const tables = present.map(([name, one]) => ({ name, one, table: tableOf(files, one.energy_simulation) }));
  for (const { one, table } of tables) {
    if (table.rows === tariff.length) continue;
    const wanted = `as many rows as ${first[1].pricing}, which has ${tariff.length}`;
    throw badCommunity({ file: one.energy_simulation, line: table.rows + 1 }, `expected ${wanted}, got ${table.rows}`);
  }
  const homes = tables.map(({ name, one, table }) => homeOf(name, one, table));
  const [calendar] = tables.map(({ table }) => calendarOf(table));
  return {
    name: nameOf(folder),
    homes,
    hours: tariff.length,
    calendar: calendar ?? { hourOfDay: [], dayType: [], month: [] },
    tariff,
    carbonKgPerKwh: carbonOf(files, first[1], tariff.length),
  };
}

function schemaOf(text: string): z.output<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : 'invalid';
    throw badCommunity(spotOf(text, found), `this is no JSON: ${found.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}`);
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  throw badCommunity({ file: SCHEMA_FILE, line: 1 }, `${shown(path)}: ${issue?.message ?? 'invalid'}`);
}

/** Where the parser says that it stumbled. */
function spotOf(
  text: string,
  message: string,
): { readonly file: string; readonly line: number; readonly column: number } {
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
  const before = text.slice(0, position).split('\n');
  return { file: SCHEMA_FILE, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function tableOf(files: ReadonlyMap<string, string>, file: string): NumberTable {
  const text = files.get(file);
  if (text === undefined) throw badCommunity({ file: SCHEMA_FILE, line: 1 }, `the folder has no file ${shown(file)}`);
  return numberTable(text, file);
}

function tariffOf(
  files: ReadonlyMap<string, string>,
  present: readonly (readonly [name: string, one: Building])[],
): number[] {
  const [file = '', other] = [...new Set(present.map(([, { pricing }]) => pricing))];
  if (other !== undefined) {
    throw badCommunity(
      { file: SCHEMA_FILE, line: 1 },
      `one tariff holds for all, got ${shown(file)} and ${shown(other)}`,
    );
  }
  const prices = tableOf(files, file).column('electricity_pricing', { min: 0, max: TARIFF_MAX, step: 0.001 });
  if (prices.length === 0) throw badCommunity({ file, line: 1 }, 'there is no hour');
  return prices.map((price) => Math.round(price * 1_000));
}

function carbonOf(
  files: ReadonlyMap<string, string>,
  { carbon_intensity: file }: Building,
  hours: number,
): number[] | null {
  if (file === undefined || file === null || !files.has(file)) return null;
  const carbon = tableOf(files, file).column('carbon_intensity', { min: 0, max: 1_000 });
  if (carbon.length === hours) return carbon;
  throw badCommunity({ file, line: carbon.length + 1 }, `expected ${hours} rows, got ${carbon.length}`);
}

function homeOf(
  name: string,
  { electrical_storage: storage, pv, energy_simulation: file }: Building,
  table: NumberTable,
): CommunityHome {
  const { capacity = 0, nominal_power: power = 0, efficiency = 1 } = storage?.attributes ?? {};
  const installed = pv?.attributes.nominal_power ?? 0;
  const most = { min: 0, max: COMMUNITY_LIMITS.hourKwh };
  const load = table.column('non_shiftable_load', most);
  // Wh of an installed kW.
  const sun = installed === 0 ? load.map(() => 0) : table.column('solar_generation', { min: 0, max: 1e7 / installed });
  for (const thermal of THERMAL) {
    if (!table.has(thermal)) continue;
    const line = table.column(thermal, most).findIndex((demand) => demand > 0) + 2;
    if (line > 1) throw badCommunity({ file, line }, `${thermal} must be 0: only electric load is modelled`);
  }
  return {
    name,
    loadWh: load.map((kwh) => 1_000 * kwh),
    sunWh: sun.map((watts) => installed * watts),
    battery: { capacityWh: 1_000 * capacity, powerW: 1_000 * power, efficiency: Math.sqrt(efficiency) },
  };
}

function calendarOf(table: NumberTable): CommunityCalendar {
  return {
    hourOfDay: table.column('hour', { min: 1, max: 24, step: 1 }).map((hour) => hour % 24),
    dayType: table.column('day_type', { min: 1, max: 8, step: 1 }),
    month: table.column('month', { min: 1, max: 12, step: 1 }),
  };
}

function nameOf(folder: string): string {
  return (
    folder
      .replace(/[/\\]+$/, '')
      .replace(/^.*[/\\]/, '')
      .slice(0, 64) || 'community'
  );
}
