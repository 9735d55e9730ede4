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
    '<printRecTotal operator="1" description="" payment="10,00" paymentType="2" index="1" justification="1" />',
    '<endFiscalReceipt operator="1" /></printerFiscalReceipt>',
  ].join('\n')

  test('refuses the operation after the thousandth of a document, whose file leaves it open', async () => {
    const line = sale.split('\n')[1] ?? ''
    const reply = await post(sale.replace(line, line.repeat(1001)), 's:')
    expect(reply).toContain('status="23"')
    expect([simulator.documents(), simulator.fpStatus]).toEqual([[], '00100'])
  })

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
    ['an element that it does not know', receipt(begin, item('printRecItem'), '<printRecItemVoid/>', paid, end)],
    ['a printerCommand without a command', '<printerCommand/>'],
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
    await post(sale, 's:')
    const own = simulator.documents()[0]?.lines.at(-1)?.replace('RT', '').trim() ?? ''
    expect(await returned(own)).toContain('success="false"')
    expect(await returned('99MEY000009')).toContain('success="true"')
    expect(simulator.documents()).toMatchObject([{ kind: 'sale' }, { kind: 'return', totalCents: 300 }])
  })

  const command = (element: string) => post(`<printerCommand>${element}</printerCommand>`, 's:')
  const failed = (code: string, status: number) => `success="false" code="${code}" status="${status}"`
  const directIo = (code: string, data: string) => `<directIO command="${code}" data="${data}"/>`
  const total = (words: string) => `<printRecTotal description="" ${words}/>`

  test('carries out a file so far and keeps open what has no end: begin, slip, X and Z wait for its reset', async () => {
    expect(simulator.fpStatus).toBe('00110')
    expect(await post(receipt(begin, item('printRecItem')), 's:')).toContain(failed('INCOMPLETE FILE', 0))
    expect(simulator.fpStatus).toBe('00100')
    expect(await post(receipt(begin, item('printRecItem'), paid, end), 's:')).toContain(failed('PRINTER ERROR', 17))
    expect(await post('<printerNonFiscal><beginNonFiscal/></printerNonFiscal>', 's:')).toContain('status="17"')
    for (const report of ['printXReport', 'printZReport'])
      expect(await post(`<printerFiscalReport><${report}/></printerFiscalReport>`, 's:')).toContain('status="17"')
    expect(await post(receipt(paid), 's:')).toContain(failed('INCOMPLETE FILE', 0))
    expect(simulator.fpStatus).toBe('00170')
    await command('<resetPrinter operator="1"/>')
    expect(simulator.fpStatus).toBe('00110')
    expect(simulator.records()).toEqual([])
  })

  test('what is open ends with a further file, or with its power', async () => {
    await post(receipt(begin, item('printRecItem'), paid), 's:')
    expect(await post(receipt(end), 's:')).toContain('<fiscalReceiptNumber>1</fiscalReceiptNumber>')
    await post(receipt(begin, item('printRecItem')), 's:')
    await simulator.close()
    simulator.open()
    port = await simulator.serve(0)
    await command('<resetPrinter operator="1"/>')
    expect(await post(sale, 's:')).toContain('<fiscalReceiptNumber>2</fiscalReceiptNumber>')
  })

  test('prints a document and fails if something follows its end, and a void without an end', async () => {
    const behind = receipt(begin, item('printRecItem'), paid, end, paid)
    expect(await post(behind, 's:')).toContain('success="false"')
    const [sold] = simulator.documents()
    const day = `${sold?.at.slice(8, 10)}${sold?.at.slice(5, 7)}${sold?.at.slice(0, 4)}`
    const serial = sold?.lines.at(-1)?.replace('RT', '').trim()
    const named = `<printRecMessage messageType="4" message="VOID 0142 0001 ${day} ${serial}"/>`
    expect(await post(receipt(named), 's:')).toContain(failed('INCOMPLETE FILE', 0))
    expect(simulator.documents()).toMatchObject([{ kind: 'sale' }, { kind: 'void' }])
  })

  test.each<[words: string, name: string | undefined, what: string]>([
    ['payment="3,00" paymentType="2" index="0"', 'NON RISCOSSO', 'the credit that is not collected'],
    ['payment="3,00" paymentType="2" index="1"', 'CARTE ELETTRONICHE', 'a card'],
    ['payment="3,00" paymentType="3" index="1"', 'TICKETS', 'a ticket'],
    ['payment="1,00" paymentType="4" index="3"', 'TICKETS', 'three tickets of one value'],
    ['payment="3,00" paymentType="5" index="0"', 'NON RISCOSSO', 'goods and services that are not collected'],
    ['payment="3,00" paymentType="5" index="4"', 'NON RISCOSSO FATTURE', 'an invoice of the RT'],
    ['payment="3,00" paymentType="5" index="5"', 'NON RISCOSSO DCR SSN', 'the health service'],
    ['payment="3,00" paymentType="3" index="0"', undefined, 'a ticket without its kind'],
    ['payment="3,00" paymentType="5" index="6"', undefined, 'a number of no source'],
  ])('takes %s as %s: %s', async (words, name, _what) => {
    const answer = await post(receipt(begin, item('printRecItem'), total(words), end), 's:')
    if (name === undefined) expect(answer).toContain(failed('PRINTER ERROR', 13))
    else expect(simulator.documents()[0]?.lines.some((line) => new RegExp(`^${name} +3,00$`).test(line))).toBe(true)
  })

  test.each([
    ['1060', '0112345678903', '12345678903'],
    ['1061', '01RSSMRA80A01H501U', 'RSSMRA80A01H501U'],
  ])('keeps the tax code that directIO %s names inside a receipt', async (code, data, kept) => {
    await post(receipt(begin, item('printRecItem'), directIo(code, data), paid, end), 's:')
    expect(simulator.documents()).toMatchObject([{ taxCode: kept }])
    expect(await command(directIo(code, data))).toContain(failed('PRINTER ERROR', 11))
  })

  test('takes no tax code from a text, none of another form, nor one with a wrong check digit', async () => {
    const text = '<printRecMessage messageType="3" index="1" message="C.F. 12345678903"/>'
    await post(receipt(begin, item('printRecItem'), text, paid, end), 's:')
    expect(simulator.documents()).toMatchObject([{ taxCode: undefined }])
    for (const [code, data, status] of [
      ['1060', '0112345678904', 30],
      ['1061', '01RSSMRA80A01H501A', 30],
      ['1061', '01rssmra80a01h501u', 10],
      ['1060', '12345678903', 10],
    ] as const) {
      const answer = await post(receipt(begin, item('printRecItem'), directIo(code, data), paid, end), 's:')
      expect(answer).toContain(failed('PRINTER ERROR', status))
      await command('<resetPrinter operator="1"/>')
    }
    expect(simulator.documents()).toHaveLength(1)
  })

  test('reports its own state by status type 0 and that of the RT by type 1, neither with a closure', async () => {
    const own = await command('<queryPrinterStatus operator="1" statusType="0"/>')
    expect(own).toMatch(
      /<addInfo><elementList>[^<]*<\/elementList><lastCommand>.*<fpStatus>00110<\/fpStatus><\/addInfo>/,
    )
    expect(own).not.toMatch(/zRepNumber|serialNumber|rtType/)
    const ofRt = await command('<queryPrinterStatus operator="1" statusType="1"/>')
    expect(ofRt).toMatch(/<rtMainStatus>02<.*<rtTrainingMode>0</)
    expect(ofRt).not.toMatch(/zRepNumber|serialNumber|fpStatus/)
    expect(await command('<directIO command="2052"/>')).toContain('<responseData>000000000000000141</responseData>')
    expect(await command(directIo('2052', '01'))).toContain(failed('PRINTER ERROR', 10))
  })

  test('reads the text of the documents of a day line by line, until another command answers (3100)', async () => {
    for (const _ of [1, 2, 3]) await post(sale, 's:')
    const { at = '', lines = [] } = simulator.documents()[1] ?? {}
    const asked = `01${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}00020002`
    const read: string[] = []
    for (let next = 0; ; next = 1) {
      const answer = await command(directIo('3100', `${asked}${next}`))
      if (!answer.includes('<responseCommand>3100</responseCommand>')) break
      read.push(/<responseData>.{16}([^<]*)</.exec(answer)?.[1] ?? '')
    }
    expect(lines.length).toBeGreaterThan(5)
    expect(read).toEqual(lines)
    expect(await command(directIo('3100', '01'))).toContain(failed('PRINTER ERROR', 10))
  })

  test('says whether a document may be returned or voided (9205): 1 asks for a return, 2 for a void', async () => {
    await post(sale, 's:')
    const { at = '', z = 0, number = 0 } = simulator.documents()[0] ?? {}
    const serial = /<serialNumber>(\w+)</.exec(await post(sale, 's:'))?.[1] ?? ''
    const day = `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(0, 4)}`
    const ask = async (kind: 1 | 2) => {
      const data = `${kind}${serial}${day}${String(number).padStart(4, '0')}${String(z).padStart(4, '0')}`
      return /<responseData>(.)/.exec(await command(directIo('9205', data)))?.[1]
    }
    expect([await ask(1), await ask(2)]).toEqual(['0', '0'])
    const named = `REFUND ${String(z).padStart(4, '0')} ${String(number).padStart(4, '0')} ${day} ${serial}`
    const back = sale
      .replaceAll('printRecItem', 'printRecRefund')
      .replace('<begin', `${'<printRecMessage messageType="4" message="'}${named}"/><begin`)
    await post(back, 's:')
    expect(simulator.documents().map(({ kind }) => kind)).toEqual(['sale', 'sale', 'return'])
    expect([await ask(1), await ask(2)]).toEqual(['2', '2'])
  })

  test('answers LAN_TIME_OUT at the end of the time in the address, and the next request waits for the printer', async () => {
    simulator.inject('slow=150@printerFiscalReceipt')
    const url = `http://127.0.0.1:${port}/cgi-bin/fpmate.cgi?devid=local_printer&timeout=40`
    const slow = await fetch(url, { method: 'POST', body: `<Envelope><Body>${sale}</Body></Envelope>` })
    expect(await slow.text()).toContain(failed('LAN_TIME_OUT', 0))
    expect(await command('<queryPrinterStatus statusType="0"/>')).toContain('00110')
    expect(simulator.documents()).toHaveLength(1)
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

test('a document with more operations than the printer takes is refused before its first byte, with their number', async () => {
  const { printer, printed, destroy } = await openEpsonBench()
  const line = { vat: '0.10', unitPriceCents: 100n, quantity: '1', text: 'Acqua' }
  const saleOf = (count: number) =>
    coffee({ lines: Array(count).fill(line), payments: [{ tender: 4, amountCents: BigInt(count) * 100n }] })
  const error = { code: 'data_too_long', effect: 'none', message: expect.stringMatching(/ 9\d\d operations, .* 900/) }
  await expect(printer.print(saleOf(900), await printer.baseline())).rejects.toMatchObject(error)
  expect(printed()).toEqual([])
  await printer.print(saleOf(890), await printer.baseline())
  expect(printed()).toHaveLength(1)
  await destroy()
})

test('a printer that wants a password for a duplicate gets it from its file; without one the refusal names the key', async () => {
  const quirks = { duplicatePassword: 'Bar Sport 7' }
  for (const password of [undefined, 'Bar Sport 7']) {
    const own = password === undefined ? {} : { duplicatePassword: password }
    const { printer, simulator, destroy } = await openEpsonBench(8000, [], { quirks, ...own })
    await printer.print(coffee(), await printer.baseline())
    const duplicates = () => simulator.records().filter(({ type }) => type === 'printout').length
    if (password === undefined)
      await expect(printer.printDuplicate()).rejects.toThrow('duplicate without "duplicatePasswordFile"')
    else await printer.printDuplicate()
    expect(duplicates()).toBe(password === undefined ? 0 : 1)
    await destroy()
  }
})
