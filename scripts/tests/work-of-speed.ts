import { createHash } from 'node:crypto'

/**
 * Prints how long this process takes for new memory, and for computing as tests do it. A fault of a page is dear on some
 * virtual machines: each first touch of 4 KB takes six times as long there, the work on it twice.
 */
const MEMORY_BYTES = 64 * 1024 * 1024
const DOCUMENTS = 20_000

function takenMs(work: () => void): number {
  const began = performance.now()
  work()
  return Math.round(performance.now() - began)
}

function takeMemory(): void {
  createHash('sha256').update(Buffer.alloc(MEMORY_BYTES, 'fiskal')).digest()
}

function compute(): void {
  const document = { id: 'op_1', lines: Array.from({ length: 10 }, (_, at) => ({ name: `line ${at}`, gross: '4.50' })) }
  for (let count = 0; count < DOCUMENTS; count++) {
    const written = JSON.stringify({ ...document, count })
    createHash('sha256').update(written).digest('hex')
    JSON.parse(written)
  }
}

console.log(JSON.stringify({ memoryMs: takenMs(takeMemory), computeMs: takenMs(compute) }))
