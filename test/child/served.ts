import { serveCalls } from '../../base/child/serve.ts'

const report = serveCalls({
  acts: {
    add: (one: number, other: number) => one + other,
    refuse: () => {
      throw Object.assign(new TypeError('not that'), { code: 'refused', details: { place: 3 } })
    },
    uncopied: () => () => 'a function',
    report: (news: string) => report(news),
    hang: () => new Promise(() => undefined),
    exit: () => process.exit(3),
  },
  left: (own) => own.exit(),
})
