// How fast does Emmett append to SQLite? Fifty events a stream and a transaction, as its own
// interface gives them: node emmett.cjs FILE EVENTS, with the packages on NODE_PATH. About one commit
// in a thousand is refused ("SQL statements in progress"): such a stream is appended once more.
"use strict";
const { getSQLiteEventStore } = require("@event-driven-io/emmett-sqlite");

async function main(fileName, events) {
  const store = getSQLiteEventStore({ fileName });
  for (let first = 0; first < events; first += 50) {
    const acts = Array.from({ length: Math.min(50, events - first) }, (_, n) => ({
      type: "agreement.acceded.v1",
      data: { asserted_by: "party/p0", basis: "official-record", party: `party/p${n}` },
    }));
    await again(() => store.appendToStream(`agreement/t-${first / 50}`, acts));
  }
}

async function again(append) {
  try {
    await append();
  } catch (error) {
    if (error.code !== "SQLITE_BUSY") throw error;
    await append();
  }
}

main(process.argv[2], Number(process.argv[3])).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
