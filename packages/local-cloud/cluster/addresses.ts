/**
 * Translates an address of the API, 10.a.b.c, to the one on this machine, 127.a.b.c: the API rejects loopback addresses for
 * endpoints, and Linux serves all of 127.0.0.0/8.
 */
export const onMachine = (ip: string): string => ip.replace(/^10\./, "127.");
