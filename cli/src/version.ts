/** Version of idsctl; the same as in cli/package.json. */
export const VERSION = '0.1.0'
