import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/command.ts'

export type Shop = { url: string; register: string; key: string }

const firstSale = readFileSync(join(ROOT, 'docs', 'first-sale.md'), 'utf8')
const install = readFileSync(join(ROOT, 'docs', 'install.md'), 'utf8')

/** The shop of the first sale in the documents, made on an installed agent: prints register and key. */
export function openShop(url: string): string {
  return `${part('set-up').replace('URL=http://localhost:7070', `URL=${url}`)}
${opening()}
REGISTER=$(till "$URL/v1/registers/key:register-1" | field id)
echo; echo "shop: $REGISTER $REGISTER_KEY"`
}

/** The first sale of the documents: ends in its receipt. */
export function sell({ url, register, key }: Shop, number: number): string {
  const sale = part('sale').slice(opening().length)
  return `URL=${url}; REGISTER=${register}; REGISTER_KEY=${key}
${line(part('set-up'), 'field() {')}
${line(part('sale'), 'till() {')}
${sale.replaceAll('sale-1', `sale-${number}`).replace('complete-1', `complete-${number}`)}`
}

/** Everything before the sale itself: the session is opened. */
function opening(): string {
  const [begin = ''] = part('sale').split(`till "$URL/v1/operations" -H 'Idempotency-Key: sale-1'`)
  return begin
}

/** Commands of the installation page for an installed package. */
function part(name: 'set-up' | 'sale'): string {
  const block = new RegExp(`<!-- walk-through: ${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)\\n\`\`\``).exec(firstSale)?.[1]
  if (block === undefined) throw new Error(`the first sale has no part "${name}"`)
  const sentence = /^Then the \[walk-through\].*/m.exec(install)?.[0] ?? ''
  const exchanges = [...sentence.matchAll(/`([^`]+)` for `([^`]+)`/g)]
  return exchanges.reduce((text, [, here = '', there = '']) => text.replaceAll(there, here), block)
}

function line(text: string, beginning: string): string {
  const output = text.split('\n').find((one) => one.startsWith(beginning))
  if (output === undefined) throw new Error(`the first sale has no line "${beginning}"`)
  return output
}
