import { z } from 'zod';
import { amount } from '../../agent-core/protocol/amount.ts';
import { contractNet } from '../../agent-core/protocol/contract-net.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { tripSchema } from './trip-schema.ts';

/** When a vehicle means to serve a rider, in units of the map. */
const times = { pickupAt: z.number(), dropoffAt: z.number() };

/** A rider calls vehicles for a trip; the fare of the one it chooses waits in escrow until it is dropped off. */
export const Ride = contractNet({
  name: 'ride',
  version: '1.0.0',
  /** `calls`: how often the rider has called in vain for this trip. */
  task: z.object({ trip: tripSchema, calls: z.int().nonnegative() }),
  /** `fare`: what the trip adds to the vehicle's costs, and its margin. */
  bid: z.object({ fare: amount(), ...times }),
  /** When service began at both stops. */
  result: z.object(times),
});

/**
 * A vehicle offers a rider to be driven by a certain vehicle: itself, where nobody would serve the rider so far, or the one it
 * has passed the trip on to. A rider who accepts gives up the contract that it has, and calls the carrier.
 */
export const CarrierOffer = defineProtocol({
  name: 'carrier-offer',
  version: '1.0.0',
  roles: ['vehicle', 'rider'],
  messages: {
    propose: { from: 'vehicle', as: 'propose', body: z.object({ carrier: did() }) },
    accept: { from: 'rider', as: 'accept-proposal', body: z.object({}) },
    reject: { from: 'rider', as: 'reject-proposal', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { propose: 'proposed' } },
      proposed: { on: { accept: 'over', reject: 'over' } },
      over: { type: 'final' },
    },
  },
});
