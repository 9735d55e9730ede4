import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../base/clock.ts'
import type { BackupNotes } from '../../backup/notes.ts'
import { notesIn } from '../../backup/notes.ts'
import type { Lock } from '../../journal/disk/lock.ts'
import type { ProofRun } from '../../proof/proof-file.ts'
import { asking } from '../daemon/asking.ts'
import { inOwnedProcess } from './owned-process.ts'
import { otherOwner } from './owner.ts'
import type { StateLooks } from './state-looks.ts'
import { LOOKS, looksInto } from './state-looks.ts'

/** Changing a state directory next to an agent, for commands that also work in other places. */
export type StateTasks = BackupNotes &
  StateLooks & {
    /** Locks the journal until this process ends. */
    endJournal(path: string): Promise<void>
    /** Records the result of an audit for the doctor. */
    rememberRun(run: ProofRun): Promise<void>
    initAuthority(isNew: boolean, names: readonly string[]): Promise<Authority>
    /** Undefined if there is no such register. */
    issueTerminal(
      register: string,
      names: readonly string[],
    ): Promise<{ key: string; cert: string; authority: string } | undefined>
  }
/** `worthless`: terminal certificates of a former authority. `refused`: names that this authority does not permit. */
type Authority = {
  file: string
  certificate: string
  fingerprint: string
  permitted: readonly string[]
  refused: readonly string[]
  worthless: readonly { register: string; file: string }[]
}

const TASKS: Readonly<Record<keyof StateTasks, true>> = {
  ...LOOKS,
  ...{ clearUnfinished: true, noteBegun: true, forgetBegun: true, keepManifest: true, rememberBackup: true },
  rememberPlace: true,
  ...{ rememberRun: true, endJournal: true, initAuthority: true, issueTerminal: true },
}

/** As root, the owner of the state does them. */
export function withStateTasks<Result>(state: string, work: (tasks: StateTasks) => Promise<Result>): Promise<Result> {
  const owner = otherOwner(state)
  if (owner === undefined) return work(stateTasks(state))
  return inOwnedProcess(owner, state, [], (ask) => work(asking<StateTasks>(TASKS, ask)))
}

export function stateTasks(stateDirectory: string): StateTasks {
  const locks: Lock[] = []
  const authorityHere = async (names: readonly string[]) => {
    const { ShopAuthority } = await import('../../tls/shop-authority.ts')
    return new ShopAuthority(stateDirectory, () => systemClock.now(), names)
  }
  return {
    ...notesIn(stateDirectory),
    ...looksInto(stateDirectory),
    rememberRun: async (run) => {
      const { rememberRun } = await import('../../proof/proof-file.ts')
      rememberRun(stateDirectory, run)
    },
    endJournal: async (path) => {
      const { endJournal } = await import('../../backup/hand-over.ts')
      const random = (length: number): Uint8Array => randomBytes(length)
      locks.push(await endJournal({ stateDirectory, path, clock: systemClock, random, fault: () => undefined }))
    },
    initAuthority: async (isNew, names) => {
      const authority = await authorityHere(names)
      if (isNew) authority.replace()
      const worthless = authority.worthless().map(({ register, file }) => ({ register, file }))
      const [fingerprint, certificate] = [authority.fingerprint(), authority.certificate()]
      const [permitted, refused] = [authority.permittedNames(), authority.refusedNames()]
      if (names.length > 0 && refused.length === 0) authority.server()
      return { file: authority.certificateFile, certificate, fingerprint, permitted, refused, worthless }
    },
    issueTerminal: async (register, names) => {
      const { hasEvent } = await import('../../journal/reader.ts')
      if (!hasEvent(stateDirectory, register, 'register.created')) return undefined
      const authority = await authorityHere(names)
      const { key, cert } = authority.client(register)
      return { key, cert, authority: authority.certificate() }
    },
  }
}
