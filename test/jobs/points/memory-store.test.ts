import { keepsTheContract } from "../support/point-store-contract.ts";
import { MemoryStore } from "../support/memory-store.ts";

describe("the bucket in memory that tests use", () => keepsTheContract(() => new MemoryStore()));
