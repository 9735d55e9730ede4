import { expect, test } from 'vitest'
import { parseConfig } from '../../agent/agent-config.ts'
import { checkLawKeys } from '../../agent/cli/checks/program.ts'
import type { ConfigError } from '../../agent/config/config.ts'
import { GERMANY } from '../../agent/laws/germany/entry.ts'
import { ratesOf } from '../../agent/laws/germany/vat-settings.ts'

type Members = Readonly<Record<string, unknown>>

const RATE = { key: 3, rate: '0.08', from: '2027-01-01' }
const CODE = { code: 'tour', key: 1100, description: 'Reiseleistung' }

function textWith(kassensichv: Members): string {
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  return JSON.stringify({ version: 1, state: 'state', listen: {}, devices, kassensichv }, undefined, 2)
}

function settingsOf(vatRates: readonly Members[], vatKeys: readonly Members[] = []) {
  return parseConfig('/etc/agent.json', textWith({ vatRates, vatKeys })).kassensichv
}

/** The sentences that refuse it, each with the path and the line of its key. */
function problemsOf(vatRates: readonly Members[], vatKeys: readonly Members[] = []): readonly string[] {
  const text = textWith({ vatRates, vatKeys })
  try {
    parseConfig('/etc/agent.json', text)
  } catch (error) {
    const { problems } = error as ConfigError
    for (const problem of problems) expect(problem).toMatch(/^kassensichv\.[\w[\].]+, line \d+: /)
    return problems
  }
  return []
}

test.for([
  ['a key that has no dates', { key: 5 }, 'key'],
  ['a key of 0', { key: 0 }, 'key'],
  ['a number for the rate', { rate: 0.08 }, 'rate'],
  ['a percentage', { rate: '8' }, 'rate'],
  ['a rate of 1', { rate: '1' }, 'rate'],
  ['a rate of 0', { rate: '0.00' }, 'rate'],
  ['a rate with parts of a hundredth of a percent', { rate: '0.08125' }, 'rate'],
  ['a decimal comma', { rate: '0,08' }, 'rate'],
  ['a day that does not exist', { from: '2027-02-30' }, 'from'],
  ['a German day', { from: '01.01.2027' }, 'from'],
] as const)('a rate with %s is refused with the path and the line of its key', ([, wrong, member]) => {
  const [problem = '', ...others] = problemsOf([RATE, { ...RATE, from: '2028-01-01', ...wrong }])
  expect([problem, others]).toEqual([expect.stringMatching(`^kassensichv.vatRates\\[1\\].${member}, line `), []])
})

test('the line is that of the value in the file', () => {
  const text =
    '{ "version": 1, "state": "s", "listen": {}, "devices": [],\n"kassensichv": {\n"vatRates": [\n// a rate\n{ "key": 3,\n"rate": "8", "from": "2027-01-01" } ] } }'
  expect(() => parseConfig('/etc/agent.json', text)).toThrow('kassensichv.vatRates[0].rate, line 6: ')
})

test.for([
  ['a code of the law', { code: 'reverse_charge' }, 'code'],
  ['the code of claims', { code: 'not_determinable' }, 'code'],
  ['capital letters', { code: 'Tour' }, 'code'],
  ['a code of 41 characters', { code: 'x'.repeat(41) }, 'code'],
  ['the key of a rate', { key: 3 }, 'key'],
  ['the key of unknown VAT', { key: 7 }, 'key'],
  ['a key below 1000', { key: 999 }, 'key'],
  ['a key above 9999', { key: 10_000 }, 'key'],
  ['a key that the law has', { key: 1013 }, 'key'],
  ['the key of a former rate', { key: 1780 }, 'key'],
  ['the key of a former rate of the file', { key: 1800 }, 'key'],
  ['a rate without its bucket', { rate: '0.05' }, 'bucket'],
  ['a bucket of 6', { rate: '0.05', bucket: 6 }, 'bucket'],
  ['a rate of 0 in another amount', { bucket: 2 }, 'bucket'],
  ['a rate on a key without VAT', { key: 6, rate: '0.05', bucket: 5 }, 'rate'],
  ['56 characters of description', { description: 'x'.repeat(56) }, 'description'],
  ['a blank description', { description: ' ' }, 'description'],
  ['201 characters of words', { receiptText: 'x'.repeat(201) }, 'receiptText'],
] as const)('a code with %s is refused with the path and the line of its key', ([, wrong, member]) => {
  const [problem = '', ...others] = problemsOf([RATE], [{ ...CODE, ...wrong }])
  expect([problem, others]).toEqual([expect.stringMatching(`^kassensichv.vatKeys\\[0\\].${member}, line `), []])
})

test('the last values that pass are taken', () => {
  expect(
    problemsOf([
      { ...RATE, rate: '0.0001' },
      { ...RATE, key: 1, rate: '0.9999' },
    ]),
  ).toEqual([])
  const whole = { code: 'x'.repeat(40), key: 9999, rate: '0.0550', bucket: 5, description: 'x'.repeat(55) }
  expect(
    problemsOf(
      [],
      [
        { ...whole, receiptText: 'x'.repeat(200) },
        { ...CODE, key: 1000 },
      ],
    ),
  ).toEqual([])
  expect(
    problemsOf(
      [],
      [5, 6, 8].map((key) => ({ ...CODE, code: `k${key}`, key })),
    ),
  ).toEqual([])
})

test('entries that contradict each other are refused', () => {
  expect(problemsOf([RATE, { ...RATE, rate: '0.09' }])).toEqual([
    expect.stringMatching(/^kassensichv\.vatRates\[1\]\.from, line \d+: key 3 has a rate from that day already$/),
  ])
  expect(problemsOf([RATE, { ...RATE, key: 4 }])).toEqual([])
  expect(problemsOf([], [CODE, { ...CODE, key: 1101 }])).toEqual([
    expect.stringMatching(/vatKeys\[1\]\.code, .*used twice/),
  ])
  expect(problemsOf([], [CODE, { ...CODE, code: 'other' }])).toEqual([])
  expect(problemsOf([], [CODE, { ...CODE, code: 'other', description: 'anders' }])).toEqual([
    expect.stringMatching(/vatKeys\[1\]\.key, /),
  ])
})

test('at most 100 rates and 50 codes are taken', () => {
  const rates = Array.from({ length: 101 }, (_, at) => ({ ...RATE, from: `2${String(100 + at)}-01-01` }))
  const codes = Array.from({ length: 51 }, (_, at) => ({ ...CODE, code: `c${at}`, key: 3000 + at }))
  expect(problemsOf(rates.slice(0, 100), codes.slice(0, 50))).toEqual([])
  expect(problemsOf(rates)).toHaveLength(1)
  expect(problemsOf([], codes)).toHaveLength(1)
})

test('a rate of the file replaces that of the program for the same key and day, and ends with the next of its key', () => {
  const rates = ratesOf(
    settingsOf([
      { key: 1, rate: '0.20', from: '2027-01-01' },
      { key: 1, rate: '0.18', from: '2021-01-01' },
    ]),
  )
  const keyOne = (date: string) => rates.inForce(date).find(({ key }) => key === 1)?.rate
  expect(['2020-12-31', '2021-01-01', '2026-12-31', '2027-01-01'].map(keyOne)).toEqual(['0.16', '0.18', '0.18', '0.2'])
  expect(rates.knows('0.19', undefined, '2026-06-01', false)).toBe(false)
  expect(rates.knows('0.19', undefined, '2026-06-01', true)).toBe(true)
  expect(rates.knows('0.2', undefined, '2026-12-31', true)).toBe(false)
})

test('a rate that two keys have on a day is that of the lower one, and the check warns of it', () => {
  const settings = settingsOf([{ key: 3, rate: '0.07', from: '2027-01-01' }])
  expect(ratesOf(settings).keyOf({ rate: '0.07' }, '2027-01-01')).toBe(2)
  expect(GERMANY.settings.keys.kassensichv.warnings(settings)).toEqual([
    'kassensichv.vatRates[0]: a till names a rate alone, and 0.07 is that of key 2 then',
  ])
  expect(GERMANY.settings.keys.kassensichv.warnings(settingsOf([RATE]))).toEqual([])
})

test('doctor shows the rates in force and the next change', () => {
  const config = parseConfig(
    '/etc/agent.json',
    textWith({ vatRates: [{ ...RATE, from: '2028-01-01', rate: '0.09' }, RATE] }),
  )
  const shown = (at: string) => checkLawKeys(config, Date.parse(at)).map(({ message }) => message)
  expect(shown('2026-12-31T22:59:59Z')).toEqual([
    'VAT rates in force: key 1 19 %, key 2 7 %, key 3 7.8 %, key 4 5.5 %; from 2027-01-01: key 3 8 %',
  ])
  expect(shown('2026-12-31T23:00:00Z')).toEqual([
    'VAT rates in force: key 1 19 %, key 2 7 %, key 3 8 %, key 4 5.5 %; from 2028-01-01: key 3 9 %',
  ])
  expect(shown('2028-06-01T00:00:00Z')[0]).toContain('key 3 9 %, key 4 5.5 %; no change is configured')
  expect(checkLawKeys({ ...config, devices: [] }, 0)).toEqual([])
})
