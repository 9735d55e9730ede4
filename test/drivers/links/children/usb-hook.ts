import { registerHooks } from 'node:module'

/** The child of a USB link gets the stand-in for the package, or none at all. */
registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier !== 'usb') return next(specifier, context)
    if (process.env['USB_STAND_IN'] === undefined) throw new Error("Cannot find package 'usb'")
    return { url: new URL('./usb-package.ts', import.meta.url).href, shortCircuit: true }
  },
})
