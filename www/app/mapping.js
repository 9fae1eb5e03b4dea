/** @import { ColumnType, Layout, PrepareOptions, Role, Roles, TableSummary } from '../api/types.js' */

/** @typedef {Role | 'feature' | 'ignore'} Use what a column is used for */
/**
 * `loadedType` is how its cells were read; another `type` is made of those cells.
 * @typedef {{ name: string, type: ColumnType, loadedType: ColumnType, use: Use, guessedType: ColumnType, guessedUse: Use }} MappedColumn
 */
/** @typedef {{ columns: MappedColumn[], positive?: string | string[], guessedPositive?: string }} Mapping */

/** Uses offered by what a row stands for, in the order of the menu. @type {{ [layout in Layout]: readonly Use[] }} */
export const offeredUses = {
  rows: ['label', 'channel', 'feature', 'ignore', 'user', 'time', 'conversionTime', 'value', 'cost', 'weight'],
  events: ['user', 'journey', 'time', 'conversionTime', 'channel', 'event', 'label', 'value', 'cost', 'feature', 'ignore', 'weight'],
  paths: ['path', 'label', 'nulls', 'value', 'ignore'],
};

/** @type {readonly ColumnType[]} */
export const columnTypes = ['number', 'category', 'boolean', 'time', 'text'];

/**
 * The guesses of a freshly read table, as a mapping to correct.
 * @param {TableSummary} table
 * @returns {Mapping}
 */
export function guessed(table) {
  const columns = table.columns.map(({ name, type, role }) => {
    const use = role ?? 'ignore';
    return { name, type, loadedType: type, use, guessedType: type, guessedUse: use };
  });
  return { columns, positive: table.positive, guessedPositive: table.positive };
}

/**
 * The guesses of a table that was read again, with what had been chosen for its columns before.
 * @param {Mapping} before
 * @param {TableSummary} table
 * @returns {Mapping}
 */
export function renewed(before, table) {
  const chosen = new Map(before.columns.map((column) => [column.name, column]));
  let mapping = guessed(table);
  mapping.columns = mapping.columns.map((column) => {
    const old = chosen.get(column.name);
    if (!old || old.type === old.guessedType) return column;
    return { ...column, type: old.type, guessedType: column.loadedType === old.type ? old.guessedType : column.loadedType };
  });
  for (const { name, use, guessedUse } of before.columns) {
    if (use !== guessedUse && mapping.columns.some((column) => column.name === name)) mapping = withUse(mapping, name, use);
  }
  const sameLabel = columnOf(before, 'label')?.name === columnOf(mapping, 'label')?.name;
  if (sameLabel && before.positive !== before.guessedPositive) mapping.positive = before.positive;
  return mapping;
}

/**
 * The same columns with their cells read otherwise: all uses stay, guessed or chosen.
 * @param {Mapping} before
 * @param {TableSummary} table
 * @returns {Mapping}
 */
export function reread(before, table) {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const mapping = renewed(before, table);
  const columns = mapping.columns.map((column) => {
    const { use, guessedUse } = old.get(column.name) ?? column;
    return { ...column, use, guessedUse };
  });
  const label = columnOf({ columns }, 'label');
  // Yes and no may have become words.
  if (label && old.get(label.name)?.loadedType === label.loadedType) return { columns, positive: before.positive, guessedPositive: before.guessedPositive };
  const known = table.columns.some(({ name, role }) => name === label?.name && role === 'label') ? table.positive : undefined;
  return { columns, positive: known, guessedPositive: known };
}

/**
 * The guesses of the same table in another layout, with the types as they stand.
 * @param {Mapping} before
 * @param {TableSummary} table
 * @returns {Mapping}
 */
export function relaid(before, table) {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const mapping = guessed(table);
  const columns = mapping.columns.map((column) => {
    const { type, loadedType, guessedType } = old.get(column.name) ?? column;
    return { ...column, type, loadedType, guessedType };
  });
  return { ...mapping, columns };
}

/**
 * The types that were chosen over the guess.
 * @param {Mapping} mapping
 */
export function chosenTypes(mapping) {
  const chosen = mapping.columns.filter(({ type, guessedType }) => type !== guessedType);
  return Object.fromEntries(chosen.map(({ name, type }) => [name, type]));
}

/**
 * Whether cells that were read in one type have lost nothing that another needs: what was read as words still is as
 * it stood.
 * @param {MappedColumn} column
 * @param {ColumnType} type
 */
export function isMadeOf({ loadedType, guessedType }, type) {
  if (type === loadedType) return true;
  return (loadedType === 'text' || loadedType === 'category') && (type !== guessedType || loadedType === guessedType);
}

/**
 * Gives a column another use. Only features and ignored columns may be many: whoever held the use before
 * becomes a feature, or is ignored where it names users, times or outcomes, which would leak.
 * @param {Mapping} mapping
 * @param {string} name
 * @param {Use} use
 * @returns {Mapping}
 */
export function withUse(mapping, name, use) {
  const single = use !== 'feature' && use !== 'ignore';
  const columns = mapping.columns.map((column) => {
    if (column.name === name) return { ...column, use };
    if (!single || column.use !== use) return column;
    return { ...column, use: /** @type {Use} */ (use === 'channel' ? 'feature' : 'ignore') };
  });
  const changedLabel = columnOf(mapping, 'label')?.name !== columnOf({ columns }, 'label')?.name;
  if (!changedLabel) return { ...mapping, columns };
  const back = columns.find((column) => column.name === name)?.guessedUse === 'label';
  return { ...mapping, columns, positive: back ? mapping.guessedPositive : undefined };
}

/**
 * @param {Mapping} mapping
 * @param {string} name
 * @param {ColumnType} type
 * @returns {Mapping}
 */
export function withType(mapping, name, type) {
  const columns = mapping.columns.map((column) => (column.name === name ? { ...column, type } : column));
  return { ...mapping, columns };
}

/**
 * The column that holds a use, if one does.
 * @param {{ columns: MappedColumn[] }} mapping
 * @param {Use} use
 */
export function columnOf(mapping, use) {
  return mapping.columns.find((column) => column.use === use);
}

/**
 * The mapping as options of `prepare`: every column named, so that what is shown is what is used.
 * @param {Mapping} mapping
 * @returns {PrepareOptions}
 */
export function asOptions(mapping) {
  /** @type {Roles} */
  const roles = { ignore: [], features: [] };
  /** @type {{ [column: string]: ColumnType }} */
  const types = {};
  for (const { name, use, type, loadedType } of mapping.columns) {
    if (use === 'feature') roles.features?.push(name);
    else if (use === 'ignore') roles.ignore?.push(name);
    else roles[use] = name;
    if (type !== loadedType) types[name] = type;
  }
  return { roles, types, ...(mapping.positive === undefined ? {} : { positive: mapping.positive }) };
}
