import { join } from 'node:path'
import type { Closing } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { writeDsfinvk } from '../../../../agent/laws/germany/dsfinvk/export.ts'
import { closingsIn } from '../../../../verify/dsfinvk/closings.ts'
import { manyClosings } from './many-closings.ts'

/** Writes and reads a package of many closings within the heap of this process; prints their number. */
const [directory = '', count = ''] = process.argv.slice(2)
const path = join(directory, 'package.zip')
const source = { closings: (): Iterable<Closing> => manyClosings(Number(count), 1) }
const { closings } = await writeDsfinvk({ source, path })
let read = 0
for await (const { number } of closingsIn(path)) read += number > read ? 1 : 0
process.stdout.write(JSON.stringify({ closings, read }))
