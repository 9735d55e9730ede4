import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { within } from '../waits.ts'

const PROGRAM = join(import.meta.dirname, 'children', 'other-program.ts')

/** Another program that has a journal open. */
export type OtherProgram = {
  readonly pid: number
  /** Its answer to each statement in turn: a row as JSON, "done", or SQLite's code. */
  says(...statements: readonly string[]): Promise<string[]>
  kill(): Promise<void>
}

/** A separate process with the journal of that directory open. */
export function otherProgram(directory: string): OtherProgram {
  const child = spawn(process.execPath, [PROGRAM, journalPath(directory)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // Without the limit of a wait, which would end a program that a test needs for longer.
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answered = async (statement: string): Promise<string> => {
    child.stdin.write(`${statement}\n`)
    const { value, done } = await answers.next()
    if (done === true) throw new Error(`the other program ended before it answered ${statement}`)
    return value
  }
  return {
    pid: child.pid ?? 0,
    says: async (...statements) => {
      const all: string[] = []
      for (const statement of statements) all.push(await answered(statement))
      return all
    },
    kill: async () => {
      child.kill('SIGKILL')
      await within(`the end of the other program ${child.pid}`, ended)
    },
  }
}

/** One that holds the write lock. */
export async function writingProgram(directory: string): Promise<OtherProgram> {
  const program = otherProgram(directory)
  const [answer] = await program.says('BEGIN IMMEDIATE')
  if (answer !== 'done') throw new Error(`the other program got no lock: ${answer}`)
  return program
}
