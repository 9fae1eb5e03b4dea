// @ts-nocheck: what it imports is served by the benchmark, where this page is.
/** In the page: the file that was chosen, read by each of the candidates. */
const chosen = () => document.querySelector('#file').files[0];
const now = () => performance.now() / 1000;

/** Into typed columns, with the roles of the columns guessed behind it. */
async function channelwise() {
  const { openSession } = await import('/dist/channelwise.js');
  const session = await openSession({ device: 'cpu' });
  const started = now();
  let columns = 0;
  const onProgress = ({ phase }) => {
    // The last such report comes when all columns have their types.
    if (phase === 'infer') columns = now() - started;
  };
  const { rows } = await session.load(chosen(), {}, { onProgress });
  const seconds = now() - started;
  const { memoryBytes } = await session.engine.call('diagnose', {});
  await session.close();
  return { rows, seconds, columns, memoryBytes };
}

/** Row by row with typed values, none of which are kept: its quickest way. */
async function papaparse() {
  const started = now();
  let rows = -1;
  await new Promise((resolve, reject) => {
    globalThis.Papa.parse(chosen(), {
      dynamicTyping: true,
      skipEmptyLines: true,
      chunk: ({ data }) => {
        rows += data.length;
      },
      complete: resolve,
      error: reject,
    });
  });
  return { rows, seconds: now() - started };
}

/** Into a table with the types that it finds out. */
async function duckdb() {
  const duckdb = await import('/peers/@duckdb/duckdb-wasm/dist/duckdb-browser.mjs');
  const worker = new Worker('/peers/@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js');
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await database.instantiate('/peers/@duckdb/duckdb-wasm/dist/duckdb-eh.wasm');
  const connection = await database.connect();
  const started = now();
  await database.registerFileHandle('events.csv', chosen(), duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
  await connection.query("CREATE TABLE events AS SELECT * FROM read_csv('events.csv')");
  const seconds = now() - started;
  const counted = await connection.query('SELECT count(*) AS rows FROM events');
  const rows = Number(counted.toArray()[0].rows);
  await connection.close();
  await database.terminate();
  return { rows, seconds };
}

globalThis.bench = { channelwise, papaparse, duckdb };
