/** Before a page's own scripts: takes away what Chrome 90 or Safari 14 does not have. */
export const WITHOUT_NEWER = `
  for (const [owner, names] of [
    [AbortSignal, 'abort any timeout'],
    [Array, 'fromAsync'],
    [Array.prototype, 'at findLast findLastIndex toReversed toSorted toSpliced with'],
    [String.prototype, 'at isWellFormed toWellFormed'],
    [Uint8Array, 'fromBase64 fromHex'],
    [Object, 'groupBy hasOwn'],
    [Map, 'groupBy'],
    [Set.prototype, 'union intersection difference isSubsetOf'],
    [Promise, 'try withResolvers'],
    [Response, 'json'],
    [crypto, 'randomUUID'],
    [Crypto.prototype, 'randomUUID'],
    [URL, 'canParse parse'],
    [window, 'structuredClone Iterator scheduler reportError'],
    [Element.prototype, 'checkVisibility setHTMLUnsafe'],
    [Navigator.prototype, 'wakeLock userAgentData'],
  ]) for (const name of names.split(' ')) delete owner[name]
`
