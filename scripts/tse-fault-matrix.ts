// Every fault at every command of start, finish, registration, export and deletion of real TSEs: node
// scripts/tse-fault-matrix.ts [DRIVER…]
import { stayAlive } from '../base/clock.ts'
import { allTseCases, runTseCases } from '../test/contracts/tse-faults.ts'
import { vendorTses } from '../test/contracts/vendor-tses.ts'
import { endMatrix } from './matrix-end.ts'

/** Cases that share a unit; its log is read completely after the last one. */
const SHARE = 40

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => vendorTses[name] === undefined)
if (unknown !== undefined) throw new Error(`${unknown} is not one of ${Object.keys(vendorTses).join(', ')}`)
const drivers = Object.keys(vendorTses).filter((driver) => chosen.length === 0 || chosen.includes(driver))
const cases = drivers.map((driver) => allTseCases([driver]))
// A unit that was unplugged leaves nothing that would keep this process waiting for its return.
const leave = stayAlive()
let done = 0
const failures = await Promise.all(
  cases.map(async (ofDriver) => {
    const broken: string[] = []
    for (let from = 0; from < ofDriver.length; from += SHARE) {
      const share = ofDriver.slice(from, from + SHARE)
      broken.push(...(await runTseCases(share)))
      done += share.length
      console.log(`${done} of ${cases.flat().length}`)
    }
    return broken
  }),
)
leave()
endMatrix(cases.flat().length, failures.flat())
