import { Browser } from '../../test/page/browser.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const REGISTERS = 4
const SALES = 40
const LOADS = 20
const WIDTHS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } } as const
/** Promise of the status page: the shop's data at a glance. */
const FIRST_DATA_MS = 300

/** From opening the status page to the shop's data in it, in Debian's Chromium on loopback. */
export async function pageSection(folder: TempFolder): Promise<Row[]> {
  const own = await folder.make('page')
  const agent = await startAgent(own)
  const load = startLoad()
  const browser = await Browser.open()
  try {
    const tills = await openShop(agent.url, own, REGISTERS)
    await load.run({ url: agent.url, tills, sales: SALES })
    const key = tills[0]?.headers['x-register-api-key'] ?? ''
    const rows: Row[] = []
    for (const [name, size] of Object.entries(WIDTHS)) {
      const { p50, p99 } = distributionOf(await loadsOf(browser, agent.url, key, size))
      const section = `Status page, opened to data, ${LOADS} times`
      const row = { section, what: `${name}, p50`, unit: 'ms' as const, measured: p50 }
      rows.push(limitRow(row, FIRST_DATA_MS, 'at most'), { ...row, what: `${name}, the slowest`, measured: p99 })
    }
    return rows
  } finally {
    await Promise.all([load.stop(), agent.stop(), browser[Symbol.asyncDispose]()])
  }
}

async function loadsOf(
  browser: Browser,
  url: string,
  key: string,
  size: { width: number; height: number },
): Promise<number[]> {
  const tab = await browser.tab({ ...size, languages: 'de' })
  await tab.go(url)
  await tab.until(`document.querySelector('#key-input')`)
  await tab.value(`document.querySelector('#key-input').focus()`)
  await tab.send('Input.insertText', { text: key })
  await tab.value(`document.querySelector('#key-input').form.requestSubmit()`)
  await tab.until(`document.querySelector('.register')`)
  const times: number[] = []
  for (let load = 0; load < LOADS; load++) {
    await tab.value(`performance.clearMarks(); location.reload()`)
    await tab.until(`performance.getEntriesByName('first-data').length === 1 && document.querySelector('.register')`)
    times.push(await tab.value<number>(`performance.getEntriesByName('first-data')[0].startTime`))
  }
  return times
}
