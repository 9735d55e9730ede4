import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { localDate } from '../clock.ts'
import type { Config } from '../config.ts'
import { checkConfig } from '../config.ts'
import { at, DemoError, pos } from './demo-pos.ts'
import { proveShift, writeReceipts } from './demo-proof.ts'
import type { ShiftStep, Shop } from './demo-shift.ts'
import { openShop, workShift } from './demo-shift.ts'
import { openAgent } from './technician.ts'
import { print, styled } from './terminal.ts'

type Options = { exit?: boolean; law: 'tse' | 'rksv' | 'rt' }

const WIDTH = 78
const RECEIPT_WIDTH = 42

export function demoCommand(): Command {
  return new Command('demo')
    .description("plays a bakery's shift against an agent of its own, and proves it")
    .option('--exit', 'stops at the end')
    .addOption(new Option('--law <law>', 'which law').choices(['tse', 'rksv', 'rt']).default('tse'))
    .action(async (options: Options) => {
      if (options.law !== 'tse') throw new DemoError(`the ${options.law} demo is not built yet: --law tse is`)
      await play(options.exit ?? false)
    })
}

async function play(isShort: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-demo-'))
  const config = demoConfig(folder)
  // Heard to the end: a Ctrl-C comes twice, from the terminal and from npm.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
  const agent = await openAgent(config)
  try {
    const { url } = await agent.listen()
    const { key } = await agent.administration.createKey('platform')
    showHead(url, folder)
    const shop = await showShift(url, key, folder, config)
    showEnd(url, key, shop, folder)
    if (!isShort) {
      print(`\n${styled('dim', 'The agent keeps running. Ctrl-C stops it.')}`)
      await interrupted
    }
  } finally {
    await agent.stop()
  }
}

function demoConfig(folder: string): Config {
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  return checkConfig('demo', { version: 1, state: join(folder, 'state'), listen: { port: 0 }, devices }, folder)
}

function showHead(url: string, folder: string): void {
  print()
  print(styled('bold', "  A German bakery's shift, signed by the embedded TSE simulator"))
  print(`  ${styled('dim', '─'.repeat(WIDTH - 4))}`)
  print(`  ${styled('dim', 'agent')}   ${url}`)
  print(`  ${styled('dim', 'folder')}  ${folder}`)
}

async function showShift(url: string, key: string, folder: string, config: Config): Promise<Shop> {
  const office = pos(url, { authorization: `Bearer ${key}` })
  showSection('Set-up, as a back office does it once')
  const shop = await openShop(office)
  showDone('Merchant', at(shop.merchant, 'legal_name'))
  showDone('Register', `${at(shop.register, 'name')}, ${at(shop.register, 'id')}`)
  showDone('TSE client', at(shop.register, 'fiscalization', 'client_id'))
  showDone('TSE serial', `${at(shop.register, 'fiscalization', 'tse_serial').slice(0, 48)}…`)

  showSection('The shift, as a till sends it')
  const till = pos(url, { 'x-register-api-key': shop.registerKey })
  const today = localDate(Date.now(), 'Europe/Berlin')
  const steps: ShiftStep[] = []
  for await (const step of workShift(till, at(shop.register, 'id'), today)) {
    steps.push(step)
    showStep(step)
  }

  showSection('The receipt of the second sale')
  showReceipt(await writeReceipts(till, steps, join(folder, 'receipts')))

  showSection('The proof')
  for (const { what, found } of await proveShift(office, steps, config.state, join(folder, 'exports')))
    showDone(what, found)
  return shop
}

function showSection(title: string): void {
  print()
  print(`  ${styled('bold', title)}`)
}

function showDone(what: string, found: string): void {
  print(`  ${styled('green', '✔')} ${what.padEnd(16)} ${styled('dim', found)}`)
}

function showStep({ title, amount, operation, notes }: ShiftStep): void {
  const fiscal = operation['fiscal_information']
  print()
  print(`  ${styled('green', '✔')} ${title.padEnd(WIDTH - 18)} ${styled('bold', amount.padStart(12))}`)
  for (const note of notes) print(`      ${note}`)
  if (fiscal === null || fiscal === undefined) return
  const numbers = `transaction ${at(fiscal, 'transaction_number')}, signature counter ${at(fiscal, 'end_event', 'transaction_counter')}`
  print(styled('dim', `      signed  ${at(fiscal, 'end_event', 'process_type')}, ${numbers}`))
  print(styled('cyan', `              ${at(fiscal, 'end_event', 'process_data')}`))
}

function showReceipt(text: string): void {
  print()
  const edge = (left: string, right: string): string =>
    `      ${styled('dim', left + '─'.repeat(RECEIPT_WIDTH + 2) + right)}`
  print(edge('┌', '┐'))
  for (const line of text.trimEnd().split('\n'))
    print(`      ${styled('dim', '│')} ${line.padEnd(RECEIPT_WIDTH)} ${styled('dim', '│')}`)
  print(edge('└', '┘'))
}

function showEnd(url: string, key: string, shop: Shop, folder: string): void {
  showSection('Yours to try')
  print(`  ${styled('dim', 'address     ')}  ${url}   ${styled('dim', `reference: ${url}/docs`)}`)
  print(`  ${styled('dim', 'register    ')}  ${at(shop.register, 'id')}`)
  print(`  ${styled('dim', 'platform key')}  ${key}`)
  print(`  ${styled('dim', 'register key')}  ${shop.registerKey}`)
  print(`  ${styled('dim', 'receipts    ')}  ${join(folder, 'receipts')}`)
  print(`  ${styled('dim', 'exports     ')}  ${join(folder, 'exports')}`)
  print(`  ${styled('dim', 'The folder stays until you delete it.')}`)
}
