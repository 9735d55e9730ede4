import { idPrefixOf, kindsInPath, pathOfId } from '../../contract/key-ids.ts'
import { FiskalError } from '../../errors.ts'
import type { ClaimRow, View } from '../../journal/projections/view.ts'
import type { Idempotency, SentRequest } from '../requests.ts'
import { isPrintOf } from '../requests.ts'

const METHODS = ['POST', 'PATCH']

/**
 * The refusal of a key that another request has used: what differs, and what became of the first one. The journal has
 * only its print: other methods and other forms of the path are tried.
 */
export function keyConflict(view: View, { key, sent }: Idempotency, { seq, print, running }: ClaimRow): FiskalError {
  const id = view.event(seq)?.op ?? ''
  const shown = view.document(id)?.parts.shown ?? {}
  const path = pathOfFirst(sent.template, [id, shown['register_id'], shown['operation_id']])
  const status = running ? 'running' : String(shown['status'] ?? 'done')
  const read = pathOfId(id) ?? null
  const proven = provenDifferences(print, sent, path)
  const differs = proven ?? (path === sent.template ? ['body'] : ['path', 'body'])
  const words = differs.join(proven === undefined ? ' or ' : ' and ')
  const way = read === null ? '' : `: read it with GET ${read}`
  return new FiskalError(
    'idempotency_key_conflict',
    `This Idempotency-Key was used for ${path} with another ${words}. ${id} is ${status}${way}.`,
    { idempotency_key: key, differs, first: { path, status, read } },
  )
}

/** The path of the first request, with the real id of its resource; the template if that is unknown. */
function pathOfFirst(template: string, ids: readonly unknown[]): string {
  const prefixes = kindsInPath(template).map(idPrefixOf)
  const id = ids.find((each) => prefixes.some((prefix) => String(each).startsWith(prefix)))
  return id === undefined ? template : template.replace('{id}', String(id))
}

/** Undefined if the body differs, or the first request named its resource by a key that this one does not have. */
function provenDifferences(print: string, sent: SentRequest, first: string): string[] | undefined {
  const { method, path } = sent
  const decoded = decodeURIComponent(path)
  const encoded = decoded.replaceAll(/key:[^/]+/g, encodeURIComponent)
  for (const otherPath of new Set([path, first, decoded, encoded])) {
    for (const otherMethod of new Set([method, ...METHODS])) {
      if (isPrintOf(print, { ...sent, method: otherMethod, path: otherPath }) !== true) continue
      return [...(otherMethod === method ? [] : ['method']), ...(otherPath === path ? [] : ['path'])]
    }
  }
  return undefined
}
