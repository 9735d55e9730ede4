import { replaceConcurrently, replaceFile, writeDurably } from '../../base/durable-file.ts'

/** Writes a text to a file by the writer of that name, and is killed as soon as the file exists. */
const [, , way = '', path = '', text = ''] = process.argv
if (way === 'writeDurably') await writeDurably(path, [text.slice(0, 700), text.slice(700)], 0o600)
else if (way === 'replaceFile') replaceFile(path, text)
else if (way === 'replaceConcurrently') replaceConcurrently(path, text, 0o600)
else throw new Error(`no way to write: ${way}`)
process.kill(process.pid, 'SIGKILL')
