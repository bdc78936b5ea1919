// SPDX-License-Identifier: EUPL-1.2
// Only here to carry the precompiled headers that cmake/Project.cmake names.
