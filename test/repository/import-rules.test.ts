import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { FOLDERS } from '../../scripts/package/contents.ts'
import { smoke } from '../tags.ts'
import { execFileSync } from '../waits.ts'

const root = resolve(import.meta.dirname, '..', '..')
const rulesFile = join(root, 'scripts', 'dependency-rules.cjs')

/** File → its import, and the rule that must refuse it. */
const PLANTED: readonly (readonly [file: string, target: string, rule: string])[] = [
  ['base/lifetime.ts', '../drivers/queue.ts', 'base-is-the-ground'],
  ['base/time.ts', 'pg', 'base-knows-no-package'],
  ['agent/register/vat.ts', '../../base/lifetime.ts', 'register-is-pure'],
  ['base/retry.ts', '../receiver/app.ts', 'base-is-the-ground'],
  ['drivers/tse-a/driver.ts', '../../agent/errors.ts', 'drivers-are-a-leaf'],
  ['drivers/tse-a/seen.ts', '../../verify/tse/verify-tar.ts', 'drivers-are-a-leaf'],
  ['drivers/tse-a/codec.ts', '../tse-b/codec.ts', 'family-alone'],
  ['drivers/tr03151/der.ts', '../links/serial.ts', 'standard-is-pure'],
  ['drivers/se-api/engine.ts', '../tse-a/codec.ts', 'shared-drivers-know-no-family'],
  ['drivers/ports/tse.ts', '../queue.ts', 'ports-are-types-alone'],
  ['sync/sender.ts', '../agent/errors.ts', 'sync-is-a-leaf'],
  ['sync/sender.ts', '../receiver/app.ts', 'sync-is-a-leaf'],
  ['sync/protocol/envelope.ts', '../sender.ts', 'protocol-knows-no-end'],
  ['receiver/stream-ingest.ts', '../sync/sender.ts', 'receiver-is-an-island'],
  ['alerts/alerts.ts', '../sync/sender.ts', 'alerts-are-an-island'],
  ['verify/rksv/verify-dep7.ts', '../../agent/laws/austria/dep7.ts', 'verify-is-an-island'],
  ['agent/laws/germany/journalled-bons.ts', './dsfinvk/bon-rows.ts', 'journalled-bons-without-the-writer'],
  ['agent/laws/germany/order-text.ts', './journalled-bons.ts', 'signed-texts-without-the-export'],
  ['agent/http/proof.ts', '../../verify/tse/verify-tar.ts', 'verifiers-of-files'],
  ['agent/cli/verify.ts', '../../verify/rksv/verify-dep7.ts', 'laws-check-their-files'],
  ['agent/journal/seal.ts', '../../verify/tse/verify-tar.ts', 'journal-verifies-itself'],
  ['agent/register/goods-rules.ts', '../http/app.ts', 'register-is-pure'],
  ['agent/contract/sale.ts', '../register/goods-rules.ts', 'contract-is-pure'],
  ['agent/texts/words.ts', '../contract/sale.ts', 'texts-are-tables'],
  ['agent/contract/files.ts', 'node:fs', 'no-io-in-rules'],
  ['agent/contract/product.ts', 'vitest', 'no-test-tools-in-product'],
  ['drivers/links/all.ts', '../catalog.ts', 'only-the-catalog-is-opened'],
  ['agent/state/keys.ts', '../http/app.ts', 'rooms-from-the-bottom-up'],
  ['agent/backup/shop.ts', '../wiring/laws.ts', 'rooms-from-the-bottom-up'],
  ['agent/watch/rooms.ts', '../http/app.ts', 'watch-only-looks'],
  ['agent/cli/simulate.ts', '../../drivers/tse-b/codec.ts', 'simulate-opens-no-device'],
  ['agent/journal/chain.ts', '../laws/austria/receipt.ts', 'journal-below'],
  ['agent/laws/austria/receipt.ts', '../germany/process-data.ts', 'law-alone'],
  ['agent/laws/austria/routes.ts', '../../http/app.ts', 'laws-below'],
  ['agent/laws/austria/device.ts', '../../../drivers/tse-b/codec.ts', 'only-compose-opens'],
  ['agent/http/devices.ts', '../../drivers/tr03151/der.ts', 'standard-for-law-and-technician'],
  ['agent/http/database.ts', '../journal/chain.ts', 'http-on-top'],
  ['agent/till/operations.ts', '../http/app.ts', 'till-below-http'],
  ['agent/till/law.ts', '../laws/austria/receipt.ts', 'till-knows-no-law'],
  ['agent/devices/law.ts', '../laws/austria/receipt.ts', 'devices-know-no-law'],
  ['agent/wiring/list.ts', '../laws/laws.ts', 'laws-are-handed-down'],
  ['agent/proof/list.ts', '../laws/law-books.ts', 'laws-are-handed-down'],
  ['agent/laws/italy/entry.ts', './law.ts', 'the-list-loads-no-law'],
  [
    'agent/laws/germany/dsfinvk/export.ts',
    '../../../../verify/dsfinvk/verify-package.ts',
    'checks-are-loaded-when-made',
  ],
  ['agent/cli/owner/state-tasks.ts', '../checks/journal.ts', 'state-tasks-load-what-they-do'],
  ['agent/laws/austria/books/chain.ts', '../receipt.ts', 'books-load-no-regime'],
  ['agent/laws/austria/entry.ts', './demo/demo.ts', 'demos-are-loaded-when-played'],
  ['agent/cli/played.ts', '../laws/austria/demo/demo.ts', 'only-its-law-loads-a-demo'],
  ['agent/devices/rules.ts', '../laws/law.ts', 'devices-know-no-law'],
  ['agent/wiring/devices.ts', '../laws/austria/outage.ts', 'devices-are-watched-for-any-law'],
  ['agent/receipts/text.ts', '../http/app.ts', 'receipts-are-pure'],
  ['agent/cli/status.ts', '../http/app.ts', 'cli-goes-through-administration'],
  ['agent/cli/device.ts', '../../drivers/tse-b/codec.ts', 'cli-opens-no-device'],
  ['agent/config/schema.ts', '../../drivers/tse-b/codec.ts', 'schema-knows-settings-of-drivers'],
  ['agent/config/alerts.ts', '../../alerts/alerts.ts', 'schema-knows-rules-of-alerts'],
  ['agent/sync/target-sync.ts', '../../drivers/tse-b/codec.ts', 'sync-opens-no-device'],
  ['agent/cli/doctor.ts', '../../sync/sender.ts', 'cli-syncs-nothing'],
  ['agent/cli/key.ts', '../../receiver/store.ts', 'the-receiver-is-a-command'],
  ['agent/till/sync.ts', '../../sync/sender.ts', 'only-sync-knows-sync'],
  ['agent/errors.ts', './compose.ts', 'compose-is-the-top'],
  ['agent/till/shop.ts', '../wiring/laws.ts', 'wiring-is-of-compose'],
  ['agent/http/one.ts', './one.ts', 'no-cycle'],
  ['agent/till/store.ts', 'better-sqlite3', 'sqlite-home'],
  ['agent/till/web.ts', 'express', 'express-home'],
  ['agent/main.ts', 'commander', 'commander-home'],
  ['agent/http/log.ts', 'pino', 'pino-home'],
  ['agent/till/rules.ts', 'zod', 'zod-home'],
  ['drivers/links/card.ts', 'pkcs11js', 'pkcs11-home'],
  ['agent/till/line.ts', 'serialport', 'serial-home'],
  ['agent/till/pipe.ts', 'usb', 'serial-home'],
  ['drivers/links/library.ts', 'koffi', 'foreign-functions-home'],
  ['agent/till/cloud.ts', 'pg', 'cloud-home'],
  ['agent/till/paper.ts', 'pdfkit', 'drawing-home'],
  ['agent/till/zip.ts', 'yauzl', 'zip-home'],
  ['agent/till/xml.ts', 'saxes', 'xml-home'],
  ['agent/till/mail.ts', 'nodemailer', 'mail-home'],
  ['agent/till/comments.ts', 'jsonc-parser', 'jsonc-home'],
  ['agent/till/gone.ts', './nowhere.ts', 'resolvable'],
  ['agent/till/tool.ts', '../../scripts/check.ts', 'product-alone'],
  ['agent/till/own-client.ts', '../../clients/typescript/src/till.ts', 'product-alone'],
  ['clients/typescript/src/product.ts', '../../../agent/http/app.ts', 'client-alone'],
  ['clients/typescript/src/package.ts', 'zod', 'client-alone'],
  ['clients/typescript/src/files.ts', 'node:fs', 'client-in-a-browser'],
]
const BYSTANDERS = [
  'agent/http/app.ts',
  'agent/compose.ts',
  'agent/cli/checks/journal.ts',
  'agent/laws/germany/process-data.ts',
  'agent/laws/germany/dsfinvk/bon-rows.ts',
  'agent/laws/law.ts',
  'agent/laws/laws.ts',
  'agent/laws/law-books.ts',
  'agent/laws/italy/law.ts',
  'agent/laws/austria/outage.ts',
  'agent/laws/austria/dep7.ts',
  'agent/laws/austria/demo/demo.ts',
  'agent/wiring/laws.ts',
  'clients/typescript/src/till.ts',
  'drivers/tse-b/codec.ts',
  'drivers/links/serial.ts',
  'drivers/queue.ts',
  'drivers/catalog.ts',
  'receiver/app.ts',
  'receiver/store.ts',
  'verify/dsfinvk/verify-package.ts',
  'verify/tse/verify-tar.ts',
  'scripts/check.ts',
]

type Violation = { from: string; rule: { name: string } }

test('every import rule catches a planted violation, type imports included', smoke(), () => {
  const tree = mkdtempSync(join(tmpdir(), 'rules-'))
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  writeFileSync(join(tree, 'package.json'), '{ "type": "module", "devDependencies": { "vitest": "*" } }')
  writeFileSync(join(tree, 'tsconfig.json'), '{ "compilerOptions": { "module": "node20", "noEmit": true } }')
  for (const file of BYSTANDERS) plant(tree, file, '')
  // Types of tools for tests are not part of the product.
  const kindOf = (rule: string): string => (rule === 'no-test-tools-in-product' ? 'import' : 'import type')
  for (const [file, target, rule] of PLANTED) plant(tree, file, `${kindOf(rule)} * as found from '${target}'\n`)
  const broken = cruise(tree).map(({ from, rule }) => `${from} ${rule.name}`)
  for (const [file, , rule] of PLANTED) expect(broken).toContain(`${file} ${rule}`)
  const { forbidden } = createRequire(import.meta.url)(rulesFile) as { forbidden: readonly { name: string }[] }
  const planted = new Set(PLANTED.map(([, , rule]) => rule))
  expect(forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([])
})

test("the rooms of the agent are in the order of its page's picture, and each folder is in it", () => {
  const page = readFileSync(join(root, 'agent', 'README.md'), 'utf8')
  const drawn = [...page.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, room]) => room)
  const folders = readdirSync(join(root, 'agent'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(readFileSync(rulesFile, 'utf8')).toContain(`'${drawn.join(' ')}'`)
  expect(folders.map(({ name }) => name).sort()).toEqual(drawn.toSorted())
})

/** Folders whose sources are no part of the product; the gates name them one by one. */
const BESIDE = ['bin', 'clients', 'node_modules', 'scripts', 'test']

test('each folder with sources is one of the product: gates, package, types and import rules have it', () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const others = folders.map(({ name }) => name).filter((name) => !BESIDE.includes(name))
  const isSource = (name: string): boolean => globSync(`${name}/**/*.{ts,js,cjs,mjs}`, { cwd: root }).length > 0
  expect(others.filter(isSource).sort()).toEqual(FOLDERS)
  expect(readFileSync(rulesFile, 'utf8')).toContain(`const PRODUCT = '^(${FOLDERS.join('|')})/'`)
  const types = readFileSync(join(root, 'tsconfig.json'), 'utf8')
  for (const folder of FOLDERS) expect(types).toMatch(new RegExp(`"${folder}(/[^"]*)?"`))
})

function plant(tree: string, file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true })
  writeFileSync(join(tree, file), `${text}export const planted = 1\n`)
}

function cruise(tree: string): readonly Violation[] {
  const command = join(root, 'node_modules', '.bin', 'depcruise')
  const args = [
    '--config',
    rulesFile,
    '--output-type',
    'json',
    ...FOLDERS.filter((folder) => existsSync(join(tree, folder))),
    'clients',
    'scripts',
  ]
  let output: string
  try {
    output = execFileSync(command, args, {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    // It exits with the number of violations.
    output = (error as { stdout: string }).stdout
  }
  const { summary } = JSON.parse(output) as { summary: { violations: Violation[]; totalCruised: number } }
  expect(summary.totalCruised).toBeGreaterThanOrEqual(PLANTED.length + BYSTANDERS.length)
  return summary.violations
}
