#!/usr/bin/env node
import { runGenerator } from '../dist/readers/prisma-generator.js'

runGenerator()
