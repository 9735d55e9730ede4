const { registerHooks } = require('node:module')

const source = 'export const volatilityOf = async () => undefined'

/**
 * The tests write to a memory disk where there is one: to a program that they start it is a disk that lasts. An older Node
 * has no hooks, and only starts the one that is wanted.
 */
registerHooks?.({
  load: (url, context, next) =>
    url.endsWith('/agent/state/volatility.ts') ? { format: 'module', source, shortCircuit: true } : next(url, context),
})
