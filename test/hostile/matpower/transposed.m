function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;
	2	1	50	0	0	0	1	1	0	230	1	1.1	0.9;
];
mpc.gen = [
	1	0	0	0	0	1	100	1	80	0;
]';
mpc.gencost = [
	2	0	0	2	10	0;
];
mpc.branch = [
	1	2	0.01	0.1	0	60	60	60	0	0	1	-30	30;
];
