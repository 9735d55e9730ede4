import { flushCompileCache } from 'node:module'
import { live } from './life.ts'

await live(process.argv.slice(2), (url) => {
  process.stdout.write(`ready at ${url}\n`)
  flushCompileCache()
})
