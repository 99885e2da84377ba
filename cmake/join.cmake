# sori_join(OUT TARGET OBJECTS...): one object file of many, its hidden symbols made local.
function(sori_join out target)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_LINKER} -r -o ${out} ${ARGN}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${out}
    DEPENDS ${target} ${ARGN} COMMAND_EXPAND_LISTS VERBATIM COMMENT "Joining the objects of libsori.a")
  set_source_files_properties(${out} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endfunction()
