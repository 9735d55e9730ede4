import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { withSqlite } from '../edited-states.ts'
import { heavy } from '../tags.ts'
import { configOf, tillOf } from './insider.ts'

test(
  'an insider edits the cash of a session and has the tables pass for those of another version',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const sell = await tillOf(bench)
    await sell('7.00')
    await bench.stop()
    const config = await configOf(bench)
    const cash = (): number[] => {
      let counts: number[] = []
      withSqlite(bench.config.state, (db) => {
        counts = db.prepare<[], number>('SELECT cash FROM session').pluck().all()
      })
      return counts
    }
    const before = cash()
    withSqlite(bench.config.state, (db) => {
      db.exec('UPDATE session SET cash = cash - 500')
      db.exec("UPDATE meta SET value = '0' WHERE name = 'projection_version'")
    })
    expect(cash()).not.toEqual(before)

    // Tables that were not compared are not called right.
    const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
    expect([verified.code, JSON.parse(verified.out)]).toMatchObject([
      1,
      { valid: false, codes: [{ code: 'projections_not_checked', level: 'error' }] },
    ])
    // A start rebuilds them from the events: nothing of the edit is left.
    await bench.start()
    await bench.stop()
    expect(cash()).toEqual(before)
    expect((await fiskalEdge('journal', 'verify', '--config', config)).code).toBe(0)
  },
)
