import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { today } from '../today.ts'
import type { Call, Client, Members } from './client.ts'

/** A date on paper: that of the page is one of many. */
const DATE = /\d\d\.\d\d\.\d{4}/g
const FENCE = /```(\w+) ?(.*)\n([\s\S]*?)```/g

/** A fenced block: `http` is a request with its answer, `csv` rows of a file, `text` lines of a receipt. */
export type Block = { readonly language: string; readonly about: string; readonly content: string }
export type Section = { readonly title: string; readonly blocks: readonly Block[] }
type Example = { readonly call: Call; readonly status: number; readonly answer: Members | undefined }

/** The sections of a page that have examples. */
export async function sectionsOf(page: URL): Promise<Section[]> {
  const [, ...parts] = (await readFile(page, 'utf8')).split(/^## /m)
  return parts.flatMap((part) => {
    const blocks = [...part.matchAll(FENCE)].map(([, language = '', about = '', content = '']) => {
      return { language, about, content }
    })
    return blocks.length === 0 ? [] : [{ title: part.slice(0, part.indexOf('\n')), blocks }]
  })
}

/** Plays a block `http`: its answer has the members that the page shows. */
export async function playExample({ content }: Block, office: Client): Promise<void> {
  const { call, status, answer } = exampleIn(content)
  const found = await office.call(call)
  const what = `${call.method} ${call.path} ${call.headers?.['Idempotency-Key'] ?? ''}: ${found.text}`
  expect(found.status, what).toBe(status)
  if (answer !== undefined) expect(found.json, what).toMatchObject(answer)
}

/** `about` names the operation; each line of the page is a line of the receipt, in this order. */
export async function compareReceipt(office: Client, about: string, content: string): Promise<void> {
  const { text } = await office.call({ path: `/v1/operations/${about.replace('receipt ', '')}/receipt.txt` })
  const plain = (lines: string): string[] =>
    lines.split('\n').map((line) => line.replace(/\s+/g, ' ').replace(DATE, '').trim())
  const printed = plain(text)
  const shown = plain(content).filter((line) => line !== '')
  expect(
    printed.filter((line) => shown.includes(line)),
    text,
  ).toEqual(shown)
}

/** A request line, headers, a blank line and the body; then `→`, the status and the members of the answer. */
function exampleIn(content: string): Example {
  const [request = '', outcome = ''] = content.split(/^→ /m)
  const [head = '', body = ''] = request.split('\n\n')
  const [line = '', ...fields] = head.trim().split('\n')
  const [method, path = ''] = line.split(' ')
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()]),
  )
  const [, status, answer = ''] = /^(\d{3})([\s\S]*)$/.exec(outcome) ?? []
  if (status === undefined) throw new Error(`an example without its answer: ${line}`)
  return {
    call: {
      method: method as NonNullable<Call['method']>,
      path,
      headers,
      ...(body.trim() !== '' && { body: JSON.parse(dated(body)) as Members }),
    },
    status: Number(status),
    answer: answer.trim() === '' ? undefined : (JSON.parse(dated(answer)) as Members),
  }
}

/** A session ends on its own day: that of the page is one of many. */
function dated(json: string): string {
  return json.replace(/("business_date": )"[\d-]+"/g, `$1"${today()}"`)
}
