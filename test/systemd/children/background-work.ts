import { fork } from 'node:child_process'
import { getPriority } from 'node:os'
import { verifyInChild } from '../../../agent/journal/verify-in-child.ts'
import { takeLowestPriority } from '../../../agent/lowest-priority.ts'

// What a running agent does beside the selling, for a state directory: prints what came of it.
const [stateDirectory = '', path = ''] = process.argv.slice(2)
const { valid } = await verifyInChild(stateDirectory, new AbortController().signal)
const keep = { daily: 1, weekly: 0, monthly: 0 }
const child = fork(new URL('../../../agent/backup/daily-child.ts', import.meta.url), [])
const backup = await new Promise((resolve) => {
  child.once('message', (answer: object) => resolve(Object.keys(answer)[0]))
  child.once('exit', (code) => resolve(`ended with ${code}`))
  child.send({ stateDirectory, path, passphrase: undefined, program: 'test', keep, nowMs: Date.now() })
})
takeLowestPriority()
process.stdout.write(JSON.stringify({ valid, backup, priority: getPriority() }))
