import type { PublishedRoutes } from './instance.ts';

const DIAL_A_RIDE_SOURCE =
  'instances: Cordeau 2006, Operations Research 54(3); optima: runs of Rist and Forbes 2021 (Transportation Science 55(5)) and exact ones of this project, all routes re-evaluated';
const DIAL_A_RIDE_BEST_SOURCE =
  'instance: Ropke, Cordeau and Laporte 2007, Networks 49(4), whose value to two decimals it equals; best routes found, re-evaluated';
const PDPTW_SOURCE = 'SINTEF TOP, best known of the Li and Lim benchmark, 100 cases';

/** By instance: name, digest of its numbers, distance, status. */
const DIAL_A_RIDE: readonly (readonly [string, string, number, PublishedRoutes['status']])[] = [
  ['a2-16', '538979039b72a23d', 294.248, 'proven'],
  ['a2-20', '1908cacf2ae8886d', 344.8341, 'proven'],
  ['a3-18', '0ba6f676bced5aff', 300.4832, 'proven'],
  ['a3-24', '2e3bd21fbdb29404', 344.8336, 'proven'],
  ['a3-36', '1b1e3eafcfe3319b', 583.1871, 'proven'],
  ['a4-16', '91b9eb46d9d9ab83', 282.6774, 'proven'],
  ['a4-32', '3ca345e911424919', 485.4956, 'proven'],
  ['a4-48', 'b35b5c3937667bba', 668.8182, 'proven'],
  ['a5-40', 'f90a97fb4a7fe304', 498.4074, 'proven'],
  ['a5-50', 'dc46a94c3f229725', 686.6249, 'proven'],
  ['a6-48', '1cbc2d2cd1b54d2f', 604.1232, 'proven'],
  ['a6-60', 'ffeb4776c2a9b7a6', 819.2458, 'proven'],
  ['a7-56', '35941f2a0b63e04d', 724.0396, 'proven'],
  ['a7-84', '0c85a41d607b4a9a', 1033.3655, 'proven'],
  ['a8-80', '646e89698bea34c2', 945.7306, 'proven'],
  ['b2-16', '2c7001ecfb6f838d', 309.4057, 'proven'],
  ['b2-20', 'cf12bc12ad5c46c7', 332.6382, 'proven'],
  ['b3-18', '5887121079263f37', 301.6448, 'proven'],
  ['b3-24', 'c648e1f7505cd300', 394.5094, 'proven'],
  ['b4-16', '593e8779fee132e9', 296.9582, 'proven'],
  ['b4-32', '40ca33dda16c1fc7', 494.8244, 'proven'],
  ['b4-48', 'cd46569e9c306c67', 673.8062, 'proven'],
  ['b5-40', 'deecf6eb89536c81', 613.7197, 'proven'],
  ['b6-48', 'ef24fa2233de6870', 714.8296, 'proven'],
  ['b6-60', '8cc0b3908fed707d', 860.0704, 'proven'],
  ['b7-56', '337eb11742ad0039', 823.9697, 'best-known'],
  ['b8-64', '062a2a31e50de7b2', 839.8898, 'best-known'],
];

/** By instance: name, digest of its numbers, distance, vehicles. */
const PDPTW: readonly (readonly [string, string, number, number])[] = [
  ['lc101', '6cb0932439b70c0f', 828.94, 10],
  ['lc102', '412c9edea310821f', 828.94, 10],
  ['lc103', 'f2f5cbb489501b72', 1035.35, 9],
  ['lc104', 'cfdf74fe18dfa5f3', 860.01, 9],
  ['lc201', 'c011404a7dafcb9f', 591.56, 3],
  ['lc202', 'bd82b95207df1418', 591.56, 3],
  ['lc203', '4bd974c34440b2b0', 591.17, 3],
  ['lc204', '33dc4d89d503495b', 590.6, 3],
  ['lr101', 'f88bbbdb9f81948a', 1650.8, 19],
  ['lr102', '8ad3b9ef75c29a16', 1487.57, 17],
  ['lr103', '5d0e53da241da8e7', 1292.68, 13],
  ['lr104', 'f336f633feafd1b8', 1013.39, 9],
  ['lr201', '56602699684bd1b7', 1253.23, 4],
  ['lr202', 'b2609a690f88a27c', 1197.67, 3],
  ['lr203', '4c1a88fa54a2871c', 949.4, 3],
  ['lr204', 'ba9ccd64f1afcef0', 849.05, 2],
  ['lrc101', '9db97d17339246f9', 1708.8, 14],
  ['lrc102', '47f0645c8200478e', 1558.07, 12],
  ['lrc103', '299439e31bfd35db', 1258.74, 11],
  ['lrc104', '05560dfc49803353', 1128.4, 10],
  ['lrc201', 'b77adb203ebca703', 1406.94, 4],
  ['lrc202', 'cd4c265e2ee5b23a', 1374.27, 3],
  ['lrc203', '9a538e9494700a7e', 1089.07, 3],
  ['lrc204', 'b1f8ee0530bd807f', 818.66, 3],
];

/** Published routes by the digest of an instance's numbers. */
export const PUBLISHED_ROUTES: ReadonlyMap<string, PublishedRoutes> = new Map<string, PublishedRoutes>([
  ...DIAL_A_RIDE.map(([, digest, distance, status]): [string, PublishedRoutes] => [
    digest,
    { distance, vehicles: null, status, source: status === 'proven' ? DIAL_A_RIDE_SOURCE : DIAL_A_RIDE_BEST_SOURCE },
  ]),
  ...PDPTW.map(([, digest, distance, vehicles]): [string, PublishedRoutes] => [
    digest,
    { distance, vehicles, status: 'best-known', source: PDPTW_SOURCE },
  ]),
]);
