import { abortable, writeDurably } from '../../../base/durable-file.ts'
import { FiskalError } from '../../errors.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ExportRange, ExportType } from '../export-type.ts'
import { registersUnder, withoutArchive } from '../export-type.ts'
import { chainOfRegister } from './chain-state.ts'
import { FACTS } from './facts.ts'
import type { RegisterArchives } from './register-archives.ts'

type Content = AsyncIterable<string | Uint8Array>

/** Files of one register, streamed from the journal. */
export function austrianExports(
  view: View,
  archives: RegisterArchives,
): { dep7: ExportType; dep131: ExportType; rksv_crypto: ExportType } {
  const dep7 = (register: string, range: ExportRange): Content => archives.dep7(register, range)
  return {
    dep7: {
      ...ofRegister(view, dep7, (register, range) => archives.isPartial(register, range)),
      extension: 'json',
      mediaType: 'application/json',
      check: (path, written, signal) => archives.checkDep7(path, written['partial'] === true, signal),
    },
    dep131: {
      ...ofRegister(view, (register, range) => archives.dep131(register, range)),
      extension: 'csv',
      mediaType: 'text/csv',
    },
    rksv_crypto: {
      ...ofRegister(view, (register) => archives.material(register)),
      extension: 'json',
      mediaType: 'application/json',
      isSecret: true,
    },
  }
}

function ofRegister(
  view: View,
  content: (register: string, range: ExportRange) => Content,
  isPartial?: (register: string, range: ExportRange) => boolean,
): Pick<ExportType, 'plan' | 'write'> {
  return {
    plan: (view, range) => void planRegisterArchive(view, range),
    write: async (range, path, { signal }) => {
      const register = planRegisterArchive(view, range)
      const partial = isPartial?.(register, range) === true
      const written = await writeDurably(path, abortable(content(register, range), signal), 0o600)
      return { file: path, register_id: register, ...(partial && { partial }), ...written }
    },
  }
}

/** Number of registers listed by id; a client with more knows the ids. */
const NAMED_MAX = 10

/**
 * The register whose receipts a request means, under a law that chains them: one file holds one chain, so with several
 * a register must be named (422).
 */
function planRegisterArchive(view: View, { merchantId, registerId }: ExportRange): string {
  const registers = registersUnder(view, merchantId, FACTS.name).map(({ id }) => id)
  const chained = registers.filter((id) => view.chainState(id) !== undefined)
  if (registerId !== undefined) {
    if (chained.includes(registerId)) return registerId
    throw withoutArchive(view, merchantId, registerId, 'has no Startbeleg')
  }
  const [register, ...more] = chained
  if (register === undefined)
    throw new FiskalError('unprocessable_entity', 'No register has a Startbeleg yet.', { pointer: '/type' })
  if (more.length === 0) return register
  const names = chained.slice(0, NAMED_MAX).map((id) => `${cashBoxIdOf(view, id)} is ${id}`)
  const rest = chained.length > NAMED_MAX ? ', …' : ''
  throw new FiskalError(
    'unprocessable_entity',
    `Several registers have receipts, and a file holds one: name register_id (--register of a command). ${names.join(', ')}${rest}`,
    { pointer: '/register_id', registers: chained },
  )
}

function cashBoxIdOf(view: View, register: string): string {
  return chainOfRegister(view.chainState(register))?.cashBoxId ?? ''
}
