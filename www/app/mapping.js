/** @import { ColumnType, Layout, PrepareOptions, Role, Roles, TableSummary } from '../api/types.js' */

/** @typedef {Role | 'feature' | 'ignore'} Use what a column is used for */
/** @typedef {{ name: string, type: ColumnType, use: Use, guessedType: ColumnType, guessedUse: Use }} MappedColumn */
/** @typedef {{ columns: MappedColumn[], positive?: string, guessedPositive?: string }} Mapping */

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
    return { name, type, use, guessedType: type, guessedUse: use };
  });
  return { columns, positive: table.positive, guessedPositive: table.positive };
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
  for (const { name, use, type, guessedType } of mapping.columns) {
    if (use === 'feature') roles.features?.push(name);
    else if (use === 'ignore') roles.ignore?.push(name);
    else roles[use] = name;
    if (type !== guessedType) types[name] = type;
  }
  return { roles, types, ...(mapping.positive === undefined ? {} : { positive: mapping.positive }) };
}
