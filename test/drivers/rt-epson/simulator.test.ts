import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { romeTime } from '../../../drivers/rt/civil-time.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, historyOf } from '../rt/opened-bench.ts'
import { openEpsonBench } from './bench.ts'

/** Requests of another host than our driver: the envelope under its own prefix. */
describe('the simulated service', () => {
  let folder: string
  let simulator: EpsonSimulator
  let port: number
  beforeEach(async () => {
    folder = await benchFolder()
    simulator = new EpsonSimulator({ directory: folder, clock: patientClock })
    simulator.open()
    port = await simulator.serve(0)
  })
  afterEach(async () => {
    await simulator.close()
    await rm(folder, { recursive: true })
  })

  const post = async (body: string, prefix: string): Promise<string> => {
    const [begin, end] = [`<${prefix}Envelope><${prefix}Body>`, `</${prefix}Body></${prefix}Envelope>`]
    const url = `http://127.0.0.1:${port}/cgi-bin/fpmate.cgi?devid=local_printer&timeout=5000`
    return (await fetch(url, { method: 'POST', body: `${begin}\n${body}\n${end}` })).text()
  }
  const sale = [
    '<printerFiscalReceipt><beginFiscalReceipt operator="1" />',
    '<printRecItem operator="1" description="CAFFE" quantity="2" unitPrice="5,00" department="1" justification="1" />',
    '<printRecTotal operator="1" description="" payment="10,00" paymentType="2" index="0" justification="1" />',
    '<endFiscalReceipt operator="1" /></printerFiscalReceipt>',
  ].join('\n')

  test.each(['soapenv:', 's:', ''])(
    'prints the content of a body with the prefix "%s", and reports it',
    async (prefix) => {
      const reply = await post(sale, prefix)
      expect(simulator.documents()).toMatchObject([{ kind: 'sale', totalCents: 1000 }])
      expect(reply).toContain('success="true"')
      expect(reply).toContain('<fiscalReceiptNumber>1</fiscalReceiptNumber>')
      expect(reply).toContain('<fiscalReceiptAmount>10,00</fiscalReceiptAmount>')
      expect(reply).toMatch(/<fiscalReceiptDate>\d\d?\/\d\d?\/20\d\d<\/fiscalReceiptDate>/)
      expect(reply).toMatch(/<fiscalReceiptTime>\d\d:\d\d<\/fiscalReceiptTime>/)
    },
  )

  test('reports input that is not a document of its XML as not done', async () => {
    expect(await post('<printFiscalReceipt/>', 's:')).toContain('success="false"')
    expect(await post('', 's:')).toContain('success="false"')
    expect(simulator.documents()).toEqual([])
  })
  const receipt = (...parts: readonly string[]) => `<printerFiscalReceipt>${parts.join('')}</printerFiscalReceipt>`
  const [begin, end] = ['<beginFiscalReceipt operator="1"/>', '<endFiscalReceipt operator="1"/>']
  const item = (element: string) =>
    `<${element} description="PANE" quantity="1,5" unitPrice="2,00" department="4" justification="1"/>`
  const paid = '<printRecTotal description="" payment="3,00" paymentType="0" index="0"/>'

  test.each([
    ['no beginning', receipt(item('printRecItem'), paid, end)],
    ['no end', receipt(begin, item('printRecItem'), paid)],
    ['something behind the end', receipt(begin, item('printRecItem'), paid, end, paid)],
    ['an element that it does not know', receipt(begin, item('printRecItem'), '<printRecItemVoid/>', paid, end)],
    ['no lottery code', receipt(begin, item('printRecItem'), '<printRecLotteryID code="abc"/>', paid, end)],
    ['a command that it does not know', '<printerCommand><directIO command="9999" data="01"/></printerCommand>'],
  ])('refuses a body with %s, and prints nothing', async (_, body) => {
    expect(await post(body, 's:')).toContain('success="false"')
    expect(simulator.documents()).toEqual([])
  })

  test('prints a lottery code, and half a kilo with a comma', async () => {
    const lottery = '<printRecLotteryID operator="1" code="ABCD1234"/>'
    expect(await post(receipt(begin, item('printRecItem'), lottery, paid, end), 's:')).toContain('success="true"')
    expect(simulator.documents()).toMatchObject([{ totalCents: 300 }])
    expect(simulator.documents()[0]?.lines).toContain('Codice Lotteria ABCD1234')
  })

  test('prints the last of several trailing lines with one index, and keeps those with other indexes', async () => {
    const trailing = (text: string, index: string) =>
      `<printRecMessage operator="1" messageType="3" ${index} message="${text}"/>`
    const lines = [
      trailing('ONE', 'index="1"'),
      trailing('TWO', 'index="1"'),
      trailing('THREE', 'index="2"'),
      trailing('FOUR', ''),
    ]
    await post(receipt(begin, item('printRecItem'), ...lines, paid, end), 's:')
    const printed = simulator.documents()[0]?.lines ?? []
    expect(printed.filter((line) => line.startsWith('#'))).toEqual(['#TWO', '#THREE', '#FOUR'])
  })

  test('takes back what another printer sold, which it cannot check', async () => {
    const named = (serial: string) =>
      `<printRecMessage messageType="4" message="REFUND 0007 0003 14092026 ${serial}"/>${begin}`
    const returned = (serial: string) => post(receipt(named(serial), item('printRecRefund'), paid, end), 's:')
    const [, own = ''] = /<serialNumber>(\w+)</.exec(await post('<printerCommand/>', 's:')) ?? []
    expect(await returned(own)).toContain('success="false"')
    expect(await returned('99MEY000009')).toContain('success="true"')
    expect(simulator.documents()).toMatchObject([{ kind: 'return', totalCents: 300 }])
  })
})

test('a period that is open for more than 24 hours takes no document before its closure', async () => {
  const aDayAgo = romeTime(patientClock.now() - 86_401_000)
  const { printer, printed, destroy } = await openEpsonBench(8000, historyOf(7, 1, aDayAgo))
  const late = await printer.baseline()
  await expect(printer.print(coffee(), late)).rejects.toMatchObject({ code: 'closure_due', effect: 'none' })
  await printer.closeDay(late)
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
  expect(printed()).toHaveLength(2)
  await destroy()
})
