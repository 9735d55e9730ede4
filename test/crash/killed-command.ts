import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

// A command that is killed at one of its files: the ending of that file, the step, and the words of the command.
const [node = '', , ending = '', step = '', ...words] = process.argv
const { open, rename } = fs

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('alive')
}

fs.open = async (path, ...more) => {
  const file = await open(path, ...more)
  if (step !== 'half' || !String(path).endsWith(`${ending}.tmp`)) return file
  const { writeFile } = file
  file.writeFile = async (data) => {
    const bytes = Buffer.from(data as Uint8Array)
    await writeFile.call(file, bytes.subarray(0, bytes.length / 2))
    die()
  }
  return file
}
fs.rename = async (from, to) => {
  const isMeant = String(to).endsWith(ending)
  if (step === 'written' && isMeant) die()
  await rename(from, to)
  if (step === 'renamed' && isMeant) die()
}
syncBuiltinESMExports()
process.argv = [node, 'fiskal-edge', ...words]
await import('../../agent/cli/main.ts')
